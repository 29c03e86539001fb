"""`fpc why` and `fpc prove` as they are typed."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.cli.command_line import CommandLine

AT = "2024-05-31T12:00:00Z"


def ask(fpc: CommandLine, feature: str, *more: str) -> dict[str, Any]:
    found = fpc("why", feature, "user_id=7", "--offline", "--json", *more)
    assert found.code == 0, found.err
    answer: dict[str, Any] = json.loads(found.out)
    return answer


def counts(answer: dict[str, Any]) -> dict[str, int]:
    return {rule: count for rule, count in answer["features"][0]["calls"][0]["counts"].items() if count}


def write(shop: Path, *rows: str) -> None:
    header = "order_id,user_id,ordered_at,updated_at,status,amount"
    (shop / "data" / "orders.csv").write_text("\n".join((header, *rows)) + "\n")


def test_each_event_has_the_rule_that_left_it_out(fpc: CommandLine, shop: Path) -> None:
    write(
        shop,
        "1,7,2024-05-30T00:00:00Z,2024-05-30T00:00:00Z,placed,10",
        "1,7,2024-05-30T00:00:00Z,2024-05-31T00:00:00Z,completed,10",
        "2,7,2024-05-24T11:59:59.999999Z,2024-05-24T12:00:00Z,completed,20",
        "3,7,2024-05-24T12:00:00Z,2024-05-24T12:00:00Z,completed,30",
        "4,7,2024-05-31T11:00:00Z,2024-05-31T12:00:00Z,completed,40",
        "5,7,2024-05-31T11:00:00Z,2024-05-31T12:00:00.000001Z,completed,50",
        "6,7,2024-05-30T00:00:00Z,2024-05-30T00:00:00Z,cancelled,60",
        "7,8,2024-05-30T00:00:00Z,2024-05-30T00:00:00Z,completed,70",
        "8,7,2024-05-30T00:00:00Z,2024-05-29T00:00:00Z,completed,80",
    )
    answer = ask(fpc, "user_orders.orders_7d", "--at", AT)
    assert answer["value"] == 2
    assert counts(answer) == {
        "counted": 2, "not yet known": 2, "superseded version": 1, "too early": 1, "filtered by FILTER": 1,
    }  # fmt: skip
    assert answer["refused"] == {"known before it happened": 1}
    because = {row["columns"]["order_id"]: row["because"] for row in answer["features"][0]["calls"][0]["events"]
               if row["rule"] != "superseded version"}  # fmt: skip
    assert because[2] == "1 us before the window's start"
    assert because[3] == "in the window, and known"
    assert because[4] == "known exactly at t"
    assert because[5] == "known 1 us after t"
    assert 7 not in because and 8 not in because


def test_the_limit_bounds_what_is_listed_and_not_what_is_counted(fpc: CommandLine, shop: Path) -> None:
    write(shop, *(f"{n},7,2024-05-30T00:00:0{n}Z,2024-05-30T00:00:0{n}Z,completed,1" for n in range(9)))
    answer = ask(fpc, "user_orders.orders_7d", "--at", AT, "--limit", "2")
    call = answer["features"][0]["calls"][0]
    assert call["counts"]["counted"] == 9
    assert [row["columns"]["order_id"] for row in call["events"]] == [8, 7]
    assert ask(fpc, "user_orders.orders_7d", "--at", AT, "--limit", "0")["features"][0]["calls"][0]["events"] == []


def test_a_derived_feature_is_taken_down_to_its_inputs(fpc: CommandLine) -> None:
    answer = ask(fpc, "user_orders.orders_trend", "--at", AT)
    assert [feature["name"] for feature in answer["features"]] == ["orders_7d", "orders_30d"]
    seven, thirty = (feature["value"] for feature in answer["features"])
    assert answer["value"] == pytest.approx(seven / thirty)


def test_as_served_asks_at_the_grid_point_and_knows_when_it_has_expired(fpc: CommandLine) -> None:
    answer = ask(fpc, "user_orders.orders_7d", "--at", "2024-05-31T12:05:00Z", "--mode", "as_served")
    assert (answer["as_of"], answer["expired"]) == ("2024-05-31 11:00:00Z", False)
    answer = ask(fpc, "user_orders.orders_7d", "--at", "2024-05-31T12:10:00Z", "--mode", "as_served")
    assert answer["as_of"] == "2024-05-31 12:00:00Z"


def test_an_entity_without_events_has_the_value_of_none(fpc: CommandLine) -> None:
    found = fpc("why", "user_orders.orders_7d", "user_id=99999", "--offline", "--at", AT)
    assert found.code == 0
    assert "no event names this entity" in found.out


def test_without_a_registry_it_says_so_and_goes_on(fpc: CommandLine) -> None:
    found = fpc("why", "user_orders.orders_7d", "user_id=7", "--at", AT)
    assert found.code == 0
    (line,) = [line for line in found.out.splitlines() if line.startswith("online")]
    assert line.split(maxsplit=2) == ["online", "-", "registry/repository.json is missing  -"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("user_orders", "user_id=7"),
        ("nope.x", "user_id=7"),
        ("user_orders.nope", "user_id=7"),
        ("user_orders.orders_7d", "user_id"),
        ("user_orders.orders_7d",),
    ],
)
def test_wrong_names_and_keys_are_wrong_usage(arguments: tuple[str, ...], fpc: CommandLine) -> None:
    done = fpc("why", *arguments)
    assert (done.code, done.out) == (2, "")


@pytest.mark.parametrize("key", ["user_id=x", "uid=7", "user_id=6.7"])
def test_keys_are_of_the_entity_and_of_its_types(key: str, fpc: CommandLine) -> None:
    done = fpc("why", "user_orders.orders_7d", key, "--offline")
    assert done.code in (1, 2) and done.out == "" and "Traceback" not in done.err


def test_text_of_the_data_cannot_act_on_the_terminal(fpc: CommandLine, shop: Path) -> None:
    write(shop, "1,7,2024-05-30T00:00:00Z,2024-05-30T00:00:00Z,\x1b[2Jcompleted,10")
    found = fpc("why", "user_orders.orders_7d", "user_id=7", "--offline", "--at", AT)
    assert found.code == 0 and "\x1b" not in found.out


def test_a_new_repository_is_proven_whole(fpc: CommandLine) -> None:
    found = fpc("prove")
    assert (found.code, found.out) == (0, "")
    proofs = json.loads(fpc("prove", "--json").out)["proofs"]
    assert len(proofs) == 11 and all(proof["proven"] and not proof["paths"] for proof in proofs)


def test_a_proof_is_shown_step_by_step_with_what_it_takes_on_trust(fpc: CommandLine) -> None:
    found = fpc("prove", "user_orders.orders_trend")
    assert found.code == 0
    for text in ("proven", "derived", "aggregate", "window", "version", "updated_at < t", "Taken on trust"):
        assert text in found.out
    assert "features/shop/user_orders.yml:" in found.out


def test_a_way_is_shown_stop_by_stop(fpc: CommandLine, shop: Path) -> None:
    sources = shop / "features" / "shop" / "sources.yml"
    lines = sources.read_text().splitlines()
    sources.write_text("\n".join(line for line in lines if "known_time" not in line and "max_late" not in line) + "\n")
    found = fpc("prove", "user_orders.orders_trend")
    assert found.code == 1
    assert "Way 1, FPC0320" in found.out
    assert "-> feature `user_orders.orders_trend`" in found.out
    assert "is changed in place" in found.out


@pytest.mark.parametrize("name", ["nope", "user_orders.nope"])
def test_prove_refuses_unknown_names(name: str, fpc: CommandLine) -> None:
    assert fpc("prove", name).code == 2
