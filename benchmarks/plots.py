"""One picture per benchmark: CPU seconds and peak memory of its steps, side by side."""

from __future__ import annotations

from pathlib import Path

from benchmarks.outcome import Outcome

_OURS, _OTHERS = "#2a6f97", "#b0b7bd"


def draw(outcome: Outcome, folder: Path) -> Path | None:
    """Draw the outcome's steps as bars into `<folder>/<name>.png`; None without steps."""
    if not outcome.rows:
        return None
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    rows = list(reversed(outcome.rows))
    figure, (cpu, memory) = pyplot.subplots(
        1, 2, sharey=True, figsize=(10, 0.9 + 0.42 * len(rows)), width_ratios=(3, 1)
    )
    names = [row.name for row in rows]
    colours = [_OTHERS if _is_other(row.name) else _OURS for row in rows]
    seconds = [row.cpu_seconds for row in rows]
    for axis, values, label in (
        (cpu, seconds, "CPU seconds"),
        (memory, [row.peak_bytes / 2**30 for row in rows], "peak memory, GiB"),
    ):
        bars = axis.barh(names, values, color=colours)
        axis.bar_label(bars, fmt="%.2f" if max(values) < 10 else "%.1f", padding=3, fontsize=8)
        axis.set_xlabel(label)
        axis.margins(x=0.18)
        axis.spines[["top", "right"]].set_visible(False)
    figure.suptitle(outcome.title, fontsize=11)
    figure.tight_layout()
    path = folder / f"{outcome.name}.png"
    figure.savefig(path, dpi=110, metadata={"Software": None})
    pyplot.close(figure)
    return path


def _is_other(name: str) -> bool:
    return name.startswith(("S:", "naive", "polars", "pandas", "redis-py", "Feast"))
