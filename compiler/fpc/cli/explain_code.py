"""The page of a diagnostic's code, for `fpc explain`, and the codes that a misspelt one may mean."""

from __future__ import annotations

import re
from typing import Final

from fpc.diagnostics import codes
from fpc.diagnostics.suggestion import nearest
from fpc.rules import ALL

_CODE: Final = re.compile(r"(?:FPC)?[-_ ]?(\d{1,4})", re.IGNORECASE)
_MOST: Final = 5


def page_of(name: str) -> str | None:
    """The page of a rule by its code, with or without `FPC` and in any case, or by its name; None for anything else.

    >>> page_of("203") == page_of("FPC0203") == page_of("Unknown_Column")
    True
    """
    number = _CODE.fullmatch(name)
    code = None if number is None else f"FPC{int(number[1]):04d}"
    word = name.lower().replace("_", "-")
    return next((rule.page for rule in ALL if rule.code.code == code or rule.code.name == word), None)


def codes_like(name: str) -> tuple[str, ...]:
    """Codes with their rules' names that somebody may have meant who wrote `name`; none for what is like no code.

    A number that no code has stands for its neighbours in its family; a word for the rules that hold it, or are
    spelt nearly so.

    >>> codes_like("FPC0299")[-1]
    'FPC0232 float-money'
    >>> codes_like("unknown-colum")[0]
    'FPC0203 unknown-column'
    """
    number = _CODE.fullmatch(name)
    if number is not None:
        wanted = int(number[1])
        family = [code for code in codes.ALL if int(code.code[3:]) // 100 == wanted // 100] or codes.ALL
        found = sorted(family, key=lambda code: abs(int(code.code[3:]) - wanted))[:_MOST]
        return tuple(f"{code.code} {code.name}" for code in sorted(found, key=lambda code: code.code))
    word = name.lower().replace("_", "-")
    near = nearest(word, (code.name for code in codes.ALL))
    holding = [code for code in codes.ALL if len(word) > 3 and word in code.name and code.name != near]
    first = [code for code in codes.ALL if code.name == near]
    return tuple(f"{code.code} {code.name}" for code in [*first, *holding][:_MOST])
