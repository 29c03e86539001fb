"""A feature's distribution as a very small drawing, as rows of figures, and as data for the page's plots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from fpc.contract.recorded import QUANTILES, PastStatistics, ValueStatistics, ViewStatistics
from fpc.emit.catalogue.numbers import count, figure, instant, share

_WIDTH, _HEIGHT = 96, 22


@dataclass(frozen=True, slots=True)
class Figures:
    """What a page says of a feature's values. `rows` are label and figure; `values` text, count, share and a width."""

    rows: tuple[tuple[str, str], ...]
    values: tuple[tuple[str, str, str, int], ...]
    plot: dict[str, object] | None
    note: str


def spark(found: ValueStatistics | None) -> Markup:
    """A histogram the size of a word; empty where nothing was counted."""
    heights = () if found is None else found.bins or tuple(number for _, number in found.values[:24])
    highest = max(heights, default=0)
    if found is None or not highest:
        return Markup("")
    step = _WIDTH / max(8, len(heights))
    bars = Markup("").join(
        Markup('<rect x="{x:.2f}" y="{y:.1f}" width="{width:.2f}" height="{height:.1f}"/>').format(
            x=at * step, width=max(step - 1, 0.5), y=_HEIGHT - tall, height=tall
        )
        for at, number in enumerate(heights)
        if (tall := max(1.0, _HEIGHT * number / highest) if number else 0.0)
    )
    return Markup('<svg class="spark" viewBox="0 0 {w} {h}" aria-hidden="true">{bars}</svg>').format(
        w=_WIDTH, h=_HEIGHT, bars=bars
    )


def null_share(found: ViewStatistics, name: str) -> str:
    """A feature's share of nulls in the newest statistics."""
    each = found.features.get(name)
    return "" if each is None or not found.counted else share(each.nulls / found.counted)


def figures(found: ViewStatistics, past: Sequence[PastStatistics], name: str) -> Figures | None:
    """All that is known of a feature's values; None where the statistics are of a definition without it."""
    each = found.features.get(name)
    if each is None:
        return None
    spell = _instant if each.measure == "instant" else figure
    rows = [("Entities", count(found.rows)), ("Without a value", null_share(found, name) or "0%")]
    if each.mean is not None:
        rows.append(("Mean", spell(each.mean)))
    labels = [f"{100 * part:g}% are below" if part != 0.5 else "Median" for part in QUANTILES]
    rows += [(label, spell(value)) for label, value in zip(labels, each.quantiles, strict=False)]
    present = found.counted - each.nulls
    listed = [*each.values, *([("all others", each.others)] if each.others and each.values else [])]
    most = max((number for _, number in listed), default=1)
    values = tuple((text, count(n), share(n / present), round(200 * n / most)) for text, n in listed)
    note = "" if found.counted == found.rows else f"Counted over {count(found.counted)} of them, chosen by hash."
    return Figures(tuple(rows), values, _plot(each, past, name), note)


def _plot(each: ValueStatistics, past: Sequence[PastStatistics], name: str) -> dict[str, object] | None:
    history = [(entry.as_of_us // 1_000_000, entry.features[name]) for entry in past if name in entry.features]
    plot: dict[str, object] = {"measure": each.measure}
    if len(each.bins) > 1:
        plot |= {"low": each.low, "high": each.high, "bins": list(each.bins)}
    if len(history) > 1:
        plot["at"] = [at for at, _ in history]
        plot["nulls"] = [values.null_share for _, values in history]
        if all(len(values.quantiles) == len(QUANTILES) for _, values in history):
            plot["quantiles"] = [[values.quantiles[at] for _, values in history] for at in range(len(QUANTILES))]
    return plot if len(plot) > 1 else None


def _instant(seconds: float) -> str:
    return instant(round(seconds * 1_000_000))
