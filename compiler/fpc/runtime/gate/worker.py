"""The process that runs Great Expectations: `python -m fpc.runtime.gate.worker` answers a line for a line.

It is a process of its own because the import takes seconds and changes logging for everything beside it.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, TextIO

from fpc.runtime.gate.question import Question


def main() -> None:
    """Say `ready` once all is imported, then answer each question with the labels of the expectations not met."""
    answers = _own_stdout()
    # Telemetry is decided at import.
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    from fpc.runtime.gate.suite import validate

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
