"""The state of views in Prometheus' text format, for the textfile collector of its node_exporter.

Times are given, not ages: an age stands still when nobody measures it, and so does every alert upon it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from fpc.cli.view_state import ViewState

_METRICS: Final[tuple[tuple[str, str, Callable[[ViewState], float | None]], ...]] = (
    (
        "fpc_last_publication_timestamp_seconds",
        "When the view was last published from this checkout, by the wall clock.",
        lambda state: None if state.published_us is None else state.published_us / 1_000_000,
    ),
    (
        "fpc_complete_up_to_timestamp_seconds",
        "The instant that the served values are as of.",
        lambda state: None if state.served.watermark_us is None else state.served.watermark_us / 1_000_000,
    ),
    (
        "fpc_last_refresh_timestamp_seconds",
        "When the view's last refresh ended, however it did.",
        lambda state: None if state.last is None else state.last.ended_us / 1_000_000,
    ),
    (
        "fpc_served_rows",
        "How many entities of the view are served.",
        lambda state: state.served.rows,
    ),
    (
        "fpc_view_in_error",
        "1 for a view that is not published, expired or late, or whose last refresh failed or did not pass the gate.",
        lambda state: int(state.is_wrong),
    ),
)


def prometheus_text(repository: str, target: str, states: Iterable[ViewState]) -> str:
    """All metrics of all views; a view has no sample of what is not known of it."""
    kept = list(states)
    lines: list[str] = []
    for name, help, value in _METRICS:
        lines += [f"# HELP {name} {help}", f"# TYPE {name} gauge"]
        for state in kept:
            found = value(state)
            if found is not None:
                labels = {"repository": repository, "target": target, "view": state.served.view}
                text = ",".join(f'{label}="{_escaped(given)}"' for label, given in labels.items())
                number = f"{found:.6f}" if isinstance(found, float) else str(found)
                lines.append(f"{name}{{{text}}} {number}")
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
