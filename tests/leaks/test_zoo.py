"""The prover and the probes agree on every specimen: what is accused leaks, and what leaks is accused."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.leaks.probe import leaks
from tests.leaks.zoo import Specimen, read

from fpc.diagnostics.diagnostic import Diagnostic
from fpc.leaks import Knowledge, Proof, prove
from fpc.model import analyse
from fpc.pipeline import check_repository
from fpc.spec import load

LEAKING, INNOCENT = read("leaking"), read("innocent")
#: What concerns leaks: the clock, lateness, labels, arrivals, and everything that the prover itself finds.
LEAK_CODES = {"FPC0302", "FPC0314", "FPC0315", "FPC0317", *(f"FPC03{number}" for number in range(20, 30))}


def name_of(specimen: Specimen) -> str:
    return specimen.name


def found_in(specimen: Specimen, root: Path) -> list[Diagnostic]:
    specimen.write(root)
    return [one for one in check_repository(root).diagnostics if one.code in LEAK_CODES]


def proofs_of(specimen: Specimen, root: Path) -> list[Proof]:
    specimen.write(root)
    loaded = load(root)
    model = analyse(loaded.value).value
    knowledge = Knowledge.of(loaded.value, model)
    return [prove(knowledge, view, output.name) for view in model.views.values() for output in view.outputs]


def test_the_zoo_is_large_enough() -> None:
    assert len(LEAKING) >= 40 and len(INNOCENT) >= 40
    assert {specimen.code for specimen in LEAKING} == LEAK_CODES - {"FPC0328"}


@pytest.mark.parametrize("specimen", LEAKING, ids=name_of)
def test_the_prover_finds_what_leaks_at_its_place(specimen: Specimen, tmp_path: Path) -> None:
    found = found_in(specimen, tmp_path)
    assert {one.code for one in found} == {specimen.code}, [one.message for one in found]
    places = {(one.label.span.path, one.label.span.line) for one in found if one.label is not None}
    assert places == specimen.places(), found
    assert all(one.help for one in found)


@pytest.mark.parametrize("specimen", [one for one in LEAKING if one.code != "FPC0302"], ids=name_of)
def test_a_feature_that_leaks_has_no_proof_but_a_way(specimen: Specimen, tmp_path: Path) -> None:
    ways = [path for proof in proofs_of(specimen, tmp_path) for path in proof.paths]
    assert {path.obstacle.code.code for path in ways} == {specimen.code}
    for path in ways:
        assert path.hops[0].span == path.obstacle.span
        assert path.hops[-1].what.startswith("feature `v.")
        assert all(hop.span is not None for hop in path.hops)


@pytest.mark.parametrize("specimen", INNOCENT, ids=name_of)
def test_the_prover_accuses_nobody_innocent(specimen: Specimen, tmp_path: Path) -> None:
    assert found_in(specimen, tmp_path / "check") == []
    assert all(proof.is_proven for proof in proofs_of(specimen, tmp_path / "prove"))


@pytest.mark.parametrize("specimen", LEAKING, ids=name_of)
def test_a_probe_shows_the_leak(specimen: Specimen, tmp_path: Path) -> None:
    assert next(leaks(specimen, tmp_path), None) is not None


@pytest.mark.parametrize("specimen", INNOCENT, ids=name_of)
def test_no_probe_shows_a_leak_of_the_innocent(specimen: Specimen, tmp_path: Path) -> None:
    assert next(leaks(specimen, tmp_path, shuffled=True), None) is None
