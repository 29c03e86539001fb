"""What a leaking join pretends, and what the model is worth when it is served: `make notebook`.

Trains the same classifier on the same features of the same flights, made by three joins that differ only in what they
take for known. Every model is then judged twice on October to December: on features from its own join, as its author
would judge it, and on what the online store would have answered at the time, as its users will.

The cells (`# %%`) run one by one in an editor that knows them; the whole runs as a script. It rewrites
`docs/flights/leak.json`, the plot beside it, and the table in `docs/flights.md`.
"""

# %% Set up
from __future__ import annotations

import argparse
import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import matplotlib

matplotlib.use("Agg")  # a plot goes to a file, on a machine without a screen too
import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import accuracy_score, roc_auc_score
from threadpoolctl import threadpool_limits

from fpc.repository import Repository

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parents[1]
LABELS: Final = "data/flights/labels.parquet"
TIMETABLE: Final = ["distance", "scheduled_hour", "scheduled_weekday", "scheduled_minutes"]

# The windows reach back up to 90 days: January warms them up, and is trained on by nobody.
TRAIN_FROM: Final = pd.Timestamp("2013-02-01", tz="UTC")
TEST_FROM: Final = pd.Timestamp("2013-10-01", tz="UTC")


@dataclass(frozen=True, slots=True)
class Score:
    """One model: its area under the ROC curve and accuracy, as its own join pretends and as served."""

    join: str
    pretended_auc: float
    served_auc: float
    pretended_accuracy: float
    served_accuracy: float


# %% Three joins
# The honest one is the repository as it stands. The other two are what is written when nobody asks when a row became
# known: the same specs without `known_time`, so that a flight's delay counts from its scheduled departure on; and then
# with `closed: both` as well, a `<=` where a `<` belongs, so that a flight counts among the flights before it.
JOINS: Final = {
    "honest": {},
    "no known time": {r"\n  (known_time|max_lateness): .*": ""},
    "no known time, and <=": {
        r"\n  (known_time|max_lateness): .*": "",
        r"\n  closed: .*": "",
        r"(\nfeature_view:.*(?:\n  .*)*?\n  source: \w+)": r"\1\n  closed: both",
    },
}


@contextmanager
def repository(changes: dict[str, str], root: Path = ROOT) -> Iterator[Repository]:
    """A copy of the feature repository, with the patterns replaced in the specs of the flights."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        shutil.copy(root / "fpc.yml", copy)
        (copy / "data").symlink_to(root / "data")
        for spec in sorted((root / "features" / "flights").glob("*.yml")):
            text = "\n" + spec.read_text()
            for pattern, replacement in changes.items():
                text = re.sub(pattern, replacement, text)
            target = copy / "features" / spec.name
            target.parent.mkdir(exist_ok=True)
            target.write_text(text.removeprefix("\n"))
        yield Repository(copy)


def flights(changes: dict[str, str], mode: str, spine: pd.DataFrame, features: list[str]) -> pd.DataFrame:
    """The training set that this join makes of the spine."""
    with (
        repository(changes) as changed,
        changed.training_set(spine, features=features, mode=mode, time="scheduled_at") as made,
    ):
        return made.to_pandas()


def spine(every: int) -> pd.DataFrame:
    """The labelled flights, or one in so many of them."""
    labels = pd.read_parquet(ROOT / LABELS)
    return labels[labels["flight_id"] % every == 0].reset_index(drop=True)


# %% One model, judged twice
def matrix(table: pd.DataFrame, columns: list[str]) -> npt.NDArray[np.float64]:
    """The model's inputs: numbers, with NaN where there is no value."""
    return table[columns].astype("float64").to_numpy(dtype=np.float64, na_value=np.nan)


def judge(join: str, made: pd.DataFrame, served: pd.DataFrame, columns: list[str]) -> Score:
    """Train on the months before October of `made`; test on the months after, of `made` and of `served`."""
    times, late = made["scheduled_at"], made["late_15"].to_numpy(dtype=bool)
    train = ((times >= TRAIN_FROM) & (times < TEST_FROM)).to_numpy()
    test = (times >= TEST_FROM).to_numpy()
    model = HistGradientBoostingClassifier(max_iter=150, random_state=0)
    with threadpool_limits(1):  # so that the figures do not depend on the machine's processors
        model.fit(matrix(made, columns)[train], late[train])
    own, real = (model.predict_proba(matrix(table, columns)[test])[:, 1] for table in (made, served))
    return Score(
        join,
        float(roc_auc_score(late[test], own)),
        float(roc_auc_score(late[test], real)),
        float(accuracy_score(late[test], own > 0.5)),
        float(accuracy_score(late[test], real > 0.5)),
    )


def service_features() -> list[str]:
    """Every feature of the service that the model reads."""
    return [f"{member.view}.{member.feature}" for member in Repository(ROOT).model.services["arrival_delay"].features]


def measure(features: list[str], every: int = 1) -> list[Score]:
    """The timetable alone as a yardstick, then a model per join, on one in `every` flights."""
    asked = spine(every)
    served = flights(JOINS["honest"], "as_served", asked, features)
    inputs = [*TIMETABLE, *served.columns[len(asked.columns) :]]
    scores = [
        judge("the timetable alone", served, served, TIMETABLE),
        judge("honest", served, served, inputs),
    ]
    for join in ("no known time", "no known time, and <="):
        leaking = flights(JOINS[join], "exact", asked, features)
        scores.append(judge(join, leaking, served, inputs))
    return scores


# %% Show it
PRETENDED, SERVED = "#c8553d", "#2f6690"


def plot(scores: list[Score], file: Path) -> None:
    """Two bars a join: what its author sees, and what its users get."""
    figure, axes = plt.subplots(figsize=(8, 3.6), layout="constrained")
    for place, score in enumerate(reversed(scores)):
        for shift, value, colour in ((0.19, score.pretended_auc, PRETENDED), (-0.19, score.served_auc, SERVED)):
            axes.barh(place + shift, value - 0.5, left=0.5, height=0.36, color=colour)
            axes.text(value + 0.006, place + shift, f"{value:.3f}", va="center", fontsize=9)
    axes.set_yticks(range(len(scores)), [score.join for score in reversed(scores)])
    axes.set_xlim(0.5, 1.06)
    axes.set_xlabel("area under the ROC curve, October to December 2013 (0.5 is guessing)")
    axes.set_title("Will this flight arrive 15 minutes late?", loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    handles = [plt.Rectangle((0, 0), 1, 1, color=colour) for colour in (PRETENDED, SERVED)]
    axes.legend(handles, ["judged on its own join", "as served"], loc="upper right", frameon=False)
    figure.savefig(file, dpi=120, metadata={"Software": None})
    plt.close(figure)


def as_table(scores: list[Score]) -> str:
    """The figures as a Markdown table."""
    lines = [
        "| features from | AUC, own join | AUC, served | accuracy, own join | accuracy, served |",
        "|---|--:|--:|--:|--:|",
    ]
    lines += [
        f"| {score.join} | {score.pretended_auc:.3f} | {score.served_auc:.3f} "
        f"| {score.pretended_accuracy:.1%} | {score.served_accuracy:.1%} |"
        for score in scores
    ]
    return "\n".join(lines)


def put_into_page(table: str, page: Path) -> None:
    """Replace what stands between the page's two markers."""
    before, _, rest = page.read_text().partition("<!-- figures -->")
    _, _, after = rest.partition("<!-- end of figures -->")
    page.write_text(f"{before}<!-- figures -->\n{table}\n<!-- end of figures -->{after}")


# %% Run
if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    arguments.add_argument("--every", type=int, default=1, help="use one in so many flights, and write nothing")
    sample = arguments.parse_args().every
    found = measure(service_features(), sample)
    print(as_table(found))
    if sample == 1:
        (HERE / "leak.json").write_text(json.dumps([asdict(score) for score in found], indent=2) + "\n")
        plot(found, HERE / "leak.png")
        put_into_page(as_table(found), HERE.parent / "flights.md")
