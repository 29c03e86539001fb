"""Compiles a repository of many views and leaves its DAGs in a folder."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks import data, many
from benchmarks.measure import timed
from fpc.emit.airflow.layout import dags
from fpc.pipeline import check_repository


def main(views: str, to: str) -> None:
    with tempfile.TemporaryDirectory(dir=data.ROOT) as folder:
        root = Path(folder) / "repository"
        many.make(int(views), root)
        model = check_repository(root).value
        target = model.config.targets[model.config.default_target]
        shutil.rmtree(to, ignore_errors=True)
        Path(to).mkdir(parents=True)

        def work() -> Mapping[str, object]:
            for artefact in dags(model, target):
                (Path(to) / Path(artefact.path).name).write_text(artefact.text)
            return {}

        timed(work)


if __name__ == "__main__":
    main(*sys.argv[1:])
