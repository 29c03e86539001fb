"""The workflow for repositories of specs: its steps are run as a runner does, and it asks for no more than it needs.

`gh` is a script here that answers as GitHub's API does; everything else is the real thing.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from tests.unit.cli.test_plan import ORDERS, git

from fpc.cli.main import run

ROOT: Final = Path(__file__).parents[3]
WORKFLOWS: Final = ROOT / ".github" / "workflows"
PROGRAMS: Final = Path(sys.executable).parent
FEATURES: Final = Path(".github/workflows/features.yml")
CALLED: Final = f"acme/fpc@{'0a' * 20}"
_SHA: Final = re.compile(r"[\w./-]+@[0-9a-f]{40}")
_GH: Final = """\
#!/usr/bin/env python3
import json, os, pathlib, sys
state = pathlib.Path(os.environ["FAKE_GITHUB"])
comments = json.loads(state.read_text())
arguments = sys.argv[1:]
assert arguments[0] == "api" and os.environ["GH_TOKEN"] == "token"
place = next(each for each in arguments if each.startswith("repos/"))
method = arguments[arguments.index("--method") + 1] if "--method" in arguments else "GET"
if method == "GET":
    assert "--jq" in arguments and "--paginate" in arguments
    own = [c for c in comments if c["user"] == "github-actions[bot]" and c["body"].startswith("<!-- fpc plan -->")]
    print("\\n".join(str(c["id"]) for c in own))
else:
    given = arguments[arguments.index("--field") + 1]
    assert given.startswith("body=@")
    body = pathlib.Path(given[6:]).read_text()
    if method == "PATCH":
        (changed,) = [c for c in comments if str(c["id"]) == place.rsplit("/", 1)[1]]
        changed["body"] = body
    else:
        comments.append({"id": len(comments) + 1, "user": "github-actions[bot]", "body": body})
    state.write_text(json.dumps(comments))
"""


def workflow(path: Path = WORKFLOWS / "fpc.yml") -> dict[Any, Any]:
    loaded: dict[Any, Any] = yaml.safe_load(path.read_text())
    return loaded


@dataclass
class Runner:
    """A checkout of a pull request, and what a runner gives the steps of a job in it."""

    checkout: Path
    temp: Path
    outputs: dict[str, str] = field(default_factory=dict)

    def run(
        self, job: str, values: Mapping[str, str], only: str = "", *, of: Path = WORKFLOWS / "fpc.yml"
    ) -> dict[str, subprocess.CompletedProcess[str]]:
        """The shell steps of a job by their names, each run whether or not the one before it failed; or one alone."""
        done = {}
        for step in workflow(of)["jobs"][job]["steps"]:
            if "run" in step and only in ("", step["name"]):
                done[step["name"]] = self._step(step, values)
        return done

    def _step(self, step: Mapping[str, Any], values: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        assert "${{" not in step["run"], "an expression in a script is an injection"
        written = self.temp / "outputs"
        written.write_text("")
        environment = {
            "PATH": f"{self.temp / 'bin'}:{PROGRAMS}:{os.environ['PATH']}",
            "HOME": str(self.temp),
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_OUTPUT": str(written),
            "GITHUB_STEP_SUMMARY": str(self.temp / "summary"),
            "FAKE_GITHUB": str(self.temp / "comments.json"),
            "CI": "true",
        }
        environment |= {name: _value(text, values) for name, text in step.get("env", {}).items()}
        # What `shell: bash` is to a runner.
        shell = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]]
        done = subprocess.run(
            shell, cwd=self.checkout, env=environment, capture_output=True, text=True, check=False, timeout=120
        )
        self.outputs |= _outputs(written.read_text())
        return done


def _value(text: str, values: Mapping[str, str]) -> str:
    found = re.fullmatch(r"\$\{\{ ([\w.-]+) \}\}", text)
    assert found is not None, f"only a plain value goes into the environment: {text}"
    return values[found[1]]


def _outputs(text: str) -> dict[str, str]:
    """What a step handed on, as a runner reads it: `name<<END`, lines, `END`."""
    found = re.findall(r"^(\w+)<<(\w+)\n(.*?)\n?\2\n", text, re.DOTALL | re.MULTILINE)
    return {name: body for name, _, body in found}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository as it is on the branch that a pull request is for."""
    folder = tmp_path_factory.mktemp("base") / "shop"
    assert run(["init", str(folder)]) == 0 and run(["compile", "--repo", str(folder)]) == 0
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "base")
    return folder


@pytest.fixture(scope="module")
def written(base: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Every workflow: those that stand here, and those that `fpc init` writes, of its own and calling this one."""
    folder = tmp_path_factory.mktemp("called") / "shop"
    assert run(["init", str(folder), "--workflow", CALLED]) == 0
    return [*WORKFLOWS.glob("*.yml"), base / FEATURES, folder / FEATURES]


@pytest.fixture
def runner(base: Path, tmp_path: Path) -> Iterator[Runner]:
    checkout = tmp_path / "checkout"
    git(base, "clone", "-q", str(base), str(checkout))
    temp = tmp_path / "temp"
    (temp / "bin").mkdir(parents=True)
    (temp / "comments.json").write_text("[]")
    # fpc is installed already; `python -m pip install` is taken for done.
    python = f'#!/bin/sh\nif [ "$2" = pip ]; then exit 0; fi\nexec {sys.executable} "$@"\n'
    for name, text in (("gh", _GH), ("python", python)):
        (temp / "bin" / name).write_text(text)
        (temp / "bin" / name).chmod(0o755)
    yield Runner(checkout, temp)


def _merge(runner: Runner, old: str, new: str, *, compiled: bool = True, path: str = ORDERS) -> None:
    """What a runner checks out for a pull request: the merge of its branch, whose first parent is the base."""
    file = runner.checkout / path
    assert old in file.read_text()
    git(runner.checkout, "checkout", "-q", "-b", "work")
    file.write_text(file.read_text().replace(old, new))
    if compiled:
        assert run(["compile", "--repo", str(runner.checkout)]) == 0
    git(runner.checkout, "commit", "-q", "-a", "-m", "work")
    git(runner.checkout, "checkout", "-q", "main")
    git(runner.checkout, "merge", "-q", "--no-ff", "-m", "merge", "work")


def _values(runner: Runner) -> dict[str, str]:
    return {
        "inputs.requirement": "fpc",
        "github.token": "token",
        "github.repository": "acme/shop",
        "github.event.pull_request.number": "7",
        "needs.specs.outputs.plan": runner.outputs.get("plan", ""),
    }


def _checked(runner: Runner, only: str = "") -> dict[str, subprocess.CompletedProcess[str]]:
    return runner.run("specs", _values(runner), only)


def test_a_good_change_passes_and_is_told_in_one_comment(runner: Runner) -> None:
    _merge(runner, "  version: 1\n", "  version: 1\n  tags: [growth]\n")
    done = _checked(runner)
    assert {name: step.returncode for name, step in done.items()} == dict.fromkeys(done, 0), done
    assert runner.outputs["plan"].startswith("<!-- fpc plan -->\n### fpc plan: 1 feature view changed")
    assert (runner.temp / "summary").read_text() == f"{runner.outputs['plan']}\n"
    comments = runner.temp / "comments.json"
    stranger = {"id": 1, "user": "mallory", "body": "<!-- fpc plan -->\nmine"}
    comments.write_text(json.dumps([stranger]))
    for _ in range(2):
        (posted,) = runner.run("comment", _values(runner)).values()
        assert posted.returncode == 0, posted.stderr
        first, own = json.loads(comments.read_text())
        assert first == stranger and own["body"].strip() == runner.outputs["plan"].strip()
    runner.outputs["plan"] = "<!-- fpc plan -->\nanother $(touch hacked) `id`"
    runner.run("comment", _values(runner))
    assert json.loads(comments.read_text())[1]["body"] == f"{runner.outputs['plan']}\n"
    assert not (runner.checkout / "hacked").exists()


def test_a_change_of_what_is_read_fails_and_its_plan_is_told_all_the_same(runner: Runner) -> None:
    _merge(runner, "COUNT(*) FILTER (WHERE status <> 'cancelled')", "COUNT(*)")
    done = _checked(runner)
    assert {name for name, step in done.items() if step.returncode} == {"Test", "Plan"}
    assert "FPC0640" in runner.outputs["plan"] and "of values change" in runner.outputs["plan"]


def test_an_error_is_annotated_where_it_was_made(runner: Runner) -> None:
    _merge(runner, "latest: status", "latest: statuss", compiled=False)
    done = _checked(runner)
    annotations = done["Check"].stdout.splitlines()
    assert done["Check"].returncode == 1 and all(
        line.startswith(f"::error file={ORDERS},line=") for line in annotations
    )
    assert len(annotations) == 1 and "statuss" in annotations[0]
    assert done["Plan"].returncode == 1 and "plan" not in {name for name, text in runner.outputs.items() if text}
    scanned = runner.run("scanning", _values(runner))
    assert scanned["Scan"].returncode == 0
    (found,) = json.loads((runner.temp / "fpc.sarif").read_text())["runs"]
    assert [result["level"] for result in found["results"]] == ["error"]


def test_what_was_not_compiled_fails(runner: Runner) -> None:
    _merge(runner, "freshness: 1h", "freshness: 2h", compiled=False)
    done = _checked(runner, "Compile")
    assert done["Compile"].returncode == 1


def test_text_of_specs_cannot_end_the_output_early(runner: Runner) -> None:
    _merge(runner, "How the newest order stands.", '"a\\nEOF\\nend_\\nplan<<x\\nother<<y\\n::error::b"')
    _checked(runner, "Plan")
    assert set(runner.outputs) == {"plan"} and "other<<y" in runner.outputs["plan"]


def test_the_starters_own_workflow_passes_a_good_change_and_fails_a_bad_one(runner: Runner) -> None:
    own = runner.checkout / FEATURES
    _merge(runner, "  version: 1\n", "  version: 1\n  tags: [growth]\n")
    done = runner.run("specs", {}, of=own)
    assert {name: step.returncode for name, step in done.items()} == dict.fromkeys(done, 0), done
    assert list(done) == ["Install", "Layout", "Check", "Compile", "Test", "Plan"]
    assert "### fpc plan: 1 feature view changed" in (runner.temp / "summary").read_text()
    orders = runner.checkout / ORDERS
    orders.write_text(orders.read_text().replace("latest: status", "latest: statuss"))
    failed = runner.run("specs", {}, of=own)
    assert {name for name, step in failed.items() if step.returncode} == {"Check", "Compile", "Test", "Plan"}
    assert failed["Check"].stdout.startswith(f"::error file={ORDERS},line=")


def test_the_starters_workflows_may_read_or_call_what_is_pinned(base: Path, written: list[Path]) -> None:
    own, calling = workflow(base / FEATURES), workflow(written[-1])
    assert own["permissions"] == calling["permissions"] == {}
    assert [job["permissions"] for job in own["jobs"].values()] == [{"contents": "read"}]
    (called,) = calling["jobs"].values()
    assert called["uses"] == CALLED.replace("@", "/.github/workflows/fpc.yml@") and "secrets" not in called
    needed = {right for job in workflow()["jobs"].values() for right in job["permissions"].items()}
    assert set(called["permissions"].items()) == needed
    assert called["with"].keys() <= workflow()[True]["workflow_call"]["inputs"].keys()  # `on` is a boolean of YAML
    assert own[True] == calling[True] == {"pull_request": None}


def test_a_workflow_that_somebody_edited_is_kept(base: Path, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    git(base, "clone", "-q", str(base), str(folder))
    for _ in range(2):
        assert run(["init", str(folder), "--workflow", CALLED]) == 0
        assert CALLED.split("@")[1] in (folder / FEATURES).read_text()
    (folder / FEATURES).write_text("# mine\n")
    assert run(["init", str(folder), "--workflow", CALLED]) == 1
    assert (folder / FEATURES).read_text() == "# mine\n"


@pytest.mark.parametrize("called", ["acme/fpc", "acme/fpc@main", "acme/fpc@v1.0.0", "acme@" + "0" * 40, "a/b@0a0a0a0"])
def test_a_workflow_is_called_at_a_commit_alone(called: str, tmp_path: Path) -> None:
    assert run(["init", str(tmp_path / "shop"), "--workflow", called]) == 2
    assert not (tmp_path / "shop").exists()


def test_every_action_is_pinned_by_its_commit(written: list[Path]) -> None:
    for path in written:
        for used in re.findall(r"uses: (\S+)", path.read_text()):
            assert used.startswith("./") or _SHA.fullmatch(used), f"{path.name}: {used}"


def test_no_job_has_more_rights_than_it_needs() -> None:
    jobs = workflow()["jobs"]
    assert workflow()["permissions"] == {}
    assert {name: job["permissions"] for name, job in jobs.items()} == {
        "specs": {"contents": "read"},
        "comment": {"pull-requests": "write"},
        "scanning": {"contents": "read", "security-events": "write"},
    }
    # What may write runs nothing of the change, or is not there for a fork.
    assert not [step for step in jobs["comment"]["steps"] if "uses" in step]
    for name in ("comment", "scanning"):
        assert "github.event.pull_request.head.repo.full_name == github.repository" in jobs[name]["if"]


def test_nothing_asks_for_secrets_or_runs_with_the_rights_of_the_base(written: list[Path]) -> None:
    for path in written:
        text = path.read_text()
        assert not re.search(r"\$\{\{[^}]*secrets|^\s*secrets:|pull_request_target|workflow_run", text, re.MULTILINE)
    steps = [step for path in written for job in workflow(path)["jobs"].values() for step in job.get("steps", ())]
    for step in steps:
        if "checkout" in step.get("uses", ""):
            assert step["with"]["persist-credentials"] is False


def test_zizmor_finds_nothing(written: list[Path]) -> None:
    done = subprocess.run(
        [PROGRAMS / "zizmor", "--offline", "--no-progress", "--quiet", *map(str, written)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
