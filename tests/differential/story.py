"""Stories of one view's refreshes: what happened, and the check of everything that is read afterwards."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
from tests.differential.case import Case
from tests.differential.check import check_row
from tests.differential.engine import Repository
from tests.differential.serving import Serving
from tests.servers import Server
from tests.unit.publish.crashes import Crash, CrashingStore, Fuse

from fpc.runtime.online import OnlineStore, Status
from fpc.runtime.publish import Outcome

#: What may happen at a grid point; mostly a refresh that goes well.
ACTIONS = ("publish", "publish", "publish", "skip", "crash", "lose", "again", "older")
Plan = Sequence[tuple[str, int]]


def tell(case: Case, plan: Plan, store: OnlineStore, server: Server) -> None:
    """Let it happen, in an empty store: at each grid point an action, and a number that it may need."""
    server.client().flushall()
    with Repository(case) as repository, duckdb.connect() as warehouse:
        warehouse.execute("SET TimeZone = 'UTC'; SET threads = 1")
        story = Story(Serving(repository, warehouse, store), server)
        for g, (action, detail) in zip(case.grid_points(len(plan)), plan, strict=False):
            story.act(action, detail, g)


class Story:
    """What was published so far, and the check of everything that is read."""

    def __init__(self, serving: Serving, server: Server) -> None:
        self.serving = serving
        self.case = serving.case
        self.server = server
        self.published: int | None = None
        self.attempted: int | None = None

    def act(self, action: str, detail: int, g: int) -> None:
        match action:
            case "skip":
                return
            case "crash":
                self._crash(detail, g)
                return
            case "lose":
                self.server.client().flushall()
                self._refresh(g)
            case "again":
                self._refresh(g)
                report = self.serving.publish(g)
                assert (report.outcome, report.pushed, report.removed) == (Outcome.UNCHANGED, 0, 0)
            case "older" if self.published is not None:
                before = self.published
                self._refresh(g)
                self.serving.build(before)
                assert self.serving.publish(before).outcome is Outcome.OLDER
            case _:
                self._refresh(g)
        self._check(g)

    def _refresh(self, g: int) -> None:
        self.serving.build(g)
        report = self.serving.publish(g)
        assert report.outcome in (Outcome.PUBLISHED, Outcome.UNCHANGED)
        self.published, self.attempted = g, None

    def _crash(self, at: int, g: int) -> None:
        """The publishing process dies at a step; what is then read is true as of the instant that it says."""
        self.serving.build(g)
        fuse = Fuse(at)
        try:
            self.serving.publish(g, CrashingStore(self.serving.store, fuse))
        except Crash:
            self._release()
            self.attempted = g
            self._check_torn()
        else:
            self.published, self.attempted = g, None
            self._check(g)

    def _release(self) -> None:
        """The dead process's lease expires (two minutes later)."""
        client = self.server.client()
        for key in client.scan_iter(b"*"):
            if client.type(key) == b"string" and client.pttl(key) > 0 and b"writer" in key:
                client.delete(key)

    def _check(self, g: int) -> None:
        """Right after the publication, when it was the last, and on both sides of its expiry."""
        served = g + self.case.delay
        moments = [(served, False), (served + 1, False)]
        if self.case.ttl is not None:
            moments = [
                (min(served, g + self.case.ttl), False),
                (g + self.case.ttl, False),
                (g + self.case.ttl + 1, True),
            ]
        for now, expired in moments:
            for entity, answer in self.serving.answers(self.case.entities(), now).items():
                expected = self.case.defaults() if expired else self.case.exact(entity, g)
                check_row(self.case, "online", entity, now, expected, answer.values())
                stand_in = {} if expired else self.case.defaulted(entity, g)
                for feature in answer.features:
                    assert feature.as_of_us == g, f"{feature} is as of another instant than {g}"
                    is_default = stand_in.get(feature.name, expired and feature.value is not None)
                    kind = Status.NULL if feature.value is None else Status.PRESENT
                    assert feature.status is (Status.DEFAULT if is_default else kind), (feature, self.case)

    def _check_torn(self) -> None:
        """Every row is of one refresh: the last, or the one that was cut off."""
        g = self.attempted
        assert g is not None
        for entity, answer in self.serving.answers(self.case.entities(), g).items():
            instants = {feature.as_of_us for feature in answer.features}
            assert len(instants) == 1, "values of two refreshes in one row"
            (as_of,) = instants
            if as_of is None:
                assert self.published is None or self.published < g
                continue
            assert as_of in (self.published, g), f"as of {as_of}, which nobody published"
            if self.case.ttl is None or g - as_of <= self.case.ttl:
                check_row(self.case, "online, cut off", entity, g, self.case.exact(entity, as_of), answer.values())
