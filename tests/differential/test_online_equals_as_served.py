"""Whatever happens between refreshes, every entity read online has the value that a training set `as_served` has.

Real Valkey, random specs and events; between refreshes some are left out, some are cut off at a random step, the store
loses everything, an older refresh comes late, a refresh is repeated.
"""

from __future__ import annotations

from hypothesis import given, seed, settings
from hypothesis import strategies as st
from tests.differential.case import Case
from tests.differential.story import ACTIONS, Plan, tell
from tests.differential.strategies import cases
from tests.differential.test_engine_equals_oracle import QUIET
from tests.servers import Server

from fpc.runtime.online import OnlineStore

STEPS = 7


def test_every_entity_reads_as_served_after_every_refresh(
    store: OnlineStore, valkey_server: Server, online_shard: tuple[int, int]
) -> None:
    number, size = online_shard
    plans = st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(0, 40)), min_size=2, max_size=STEPS)

    @seed(number)
    @settings(QUIET, max_examples=size)
    @given(cases(), plans)
    def check(case: Case, plan: Plan) -> None:
        tell(case, plan, store, valkey_server)

    check()
