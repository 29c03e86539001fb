"""A whole refresh with its gate: dbt build, 50 tests, publication into memory, as `fpc run` does them."""

from __future__ import annotations

import resource
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks import data, repository
from benchmarks.measure import timed
from fpc.contract.registry_json import load
from fpc.emit.writer import write
from fpc.pipeline import compile_repository
from fpc.runtime.gate.process import cool
from fpc.runtime.online import connect
from fpc.runtime.run import run

AS_OF = 1_703_980_800_000_000  # 2023-12-31T00:00:00Z
FUNCTIONS, _, WINDOWS = repository.SETS["days"]
COUNTS = [f"amount_count_{window}" for window in WINDOWS]
OTHERS = [f"amount_{function}_{window}" for function in FUNCTIONS[2:] for window in WINDOWS]


def main(size: str) -> None:
    with tempfile.TemporaryDirectory(dir=data.ROOT) as folder:
        root = repository.make(size, "days", Path(folder))
        spec = root / "features" / "bench.yml"
        # With the view's own tests they are 50.
        tests = [f"    - not_null: [{', '.join(COUNTS)}]", *(_range(name) for name in OTHERS[:16])]
        text = spec.read_text()
        end = "---\nfeature_service"
        spec.write_text(text.replace(end, "\n".join(["  tests:", *tests, end])))
        write(root, compile_repository(root).value)
        registry = load(root)
        (view,) = registry.views.values()

        def work() -> Mapping[str, object]:
            report = run(root, registry, registry.targets["dev"], connect("memory://"), as_of_us=AS_OF)
            if report.exit_code or len(view.tests) != 50:
                raise SystemExit(f"exit code {report.exit_code} with {len(view.tests)} tests")
            before = _children_seconds()
            cool()
            return {
                "build_seconds": report.build_seconds,
                "gate_seconds": report.gate_seconds,
                "publish_seconds": report.publish_seconds,
                "gate_process_cpu_seconds": _children_seconds() - before,
            }

        timed(work)


def _range(name: str) -> str:
    return f"    - range: {{feature: {name}, min: 0}}"


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main(*sys.argv[1:])
