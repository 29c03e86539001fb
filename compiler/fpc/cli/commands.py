"""The commands by name, with the line that `fpc --help` shows, so that listing them imports none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Entry:
    """One command: `module` under `fpc.cli` holds it as `command`."""

    name: str
    module: str
    summary: str


ALL: Final = (
    Entry("init", "init", "Make a new repository with one working feature view."),
    Entry("new", "new", "Add a source, a feature view, or the next version of one."),
    Entry("fmt", "fmt", "Lay out specs and the SQL in them."),
    Entry("check", "check", "Find everything that is wrong with the specs, without a database."),
    Entry("plan", "plan", "Say what a change of the specs means: values, readers, cost."),
    Entry("prove", "prove", "Prove that a feature reads nothing of the future, or show how it might."),
    Entry("compile", "compile", "Write the dbt project and the registry."),
    Entry("test", "test", "Run the views' examples on an in-memory engine."),
    Entry("preview", "preview", "Show a view's values at an instant."),
    Entry("example", "example", "Write an example of a view from its data."),
    Entry("run", "run", "Refresh: dbt build, gate, publish."),
    Entry("backfill", "backfill", "Fill the history of views over a range of time."),
    Entry("training-set", "training_set", "Join features to labelled rows, each as of its own time."),
    Entry("get", "get", "Read a service for one entity from the online store."),
    Entry("why", "why", "Show the events that made a value, and those that did not."),
    Entry("rollback", "rollback", "Serve a view's previous definition again."),
    Entry("prune", "prune", "Remove views from the online store that the specs no longer have."),
    Entry("status", "status", "Show what is served, how fresh it is and who owns it."),
    Entry("catalog", "catalog", "Write a site about every feature, that opens from a file."),
    Entry("registry", "registry_command", "Find features, who owns and reads them, and what there is twice."),
    Entry("explain", "explain", "Explain a name, a step of its compilation, or a diagnostic's code."),
    Entry("doctor", "doctor", "Find what is wrong with this installation."),
    Entry("completion", "completion", "Print the script by which a shell completes command lines."),
    Entry("redis", "redis", "Start, stop or show the embedded Redis server."),
)

#: Commands of the spec language that a later release brings: not listed, and answered with FPC0807 when called.
NOT_BUILT: Final = ("serve", "stream")
