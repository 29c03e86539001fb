from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from fpc.emit.yaml_text import dump, quoted

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(exclude_categories=["Cs"]))
values: st.SearchStrategy[Any] = st.recursive(
    scalars | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(texts, values, max_size=4))
def test_what_is_dumped_is_read_back(document: dict[str, Any]) -> None:
    assert (yaml.safe_load(dump(document)) or {}) == document


def test_words_that_yaml_takes_for_booleans_stay_text() -> None:
    assert yaml.safe_load(dump({"on": "no", "yes": ["off", "012", "1:30", "~"]})) == {
        "on": "no",
        "yes": ["off", "012", "1:30", "~"],
    }


def test_characters_that_cannot_be_seen_are_escaped() -> None:
    assert quoted("a\u202eb\u2028c\x00\u200bd") == '"a\\u202eb\\u2028c\\u0000\\u200bd"'
