"""The process that runs Great Expectations: `python -m fpc.runtime.gate.worker` answers a line for a line.

It is a process of its own because the import takes seconds and changes logging for everything beside it.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from typing import Any, Final, TextIO

from fpc.runtime.gate.deferred import defer
from fpc.runtime.gate.question import Question

#: Imported by expectations that the gate does not use.
_NOT_NEEDED: Final = ("altair", "jsonschema", "scipy.stats")


def main() -> None:
    """Say `ready` once all is imported, then answer each question with the labels of the expectations not met."""
    answers = _own_stdout()
    # Telemetry is decided at import.
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    defer(*_NOT_NEEDED)
    # Hundreds of thousands of objects are made that all stay: to look through them for garbage takes a tenth of it.
    gc.disable()
    from fpc.runtime.gate.suite import validate

    gc.enable()
    _say(answers, {"ready": True})
    for line in sys.stdin:
        _say(answers, {"unmet": validate(Question.read(line))})


def _own_stdout() -> TextIO:
    """The stream for answers; whatever else is printed, by anyone, goes to stderr."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def _say(answers: TextIO, message: dict[str, Any]) -> None:
    answers.write(json.dumps(message) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
