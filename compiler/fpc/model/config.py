"""Resolving `fpc.yml`."""

from __future__ import annotations

from typing import Final

from fpc.contract.spec_files import FOLDER
from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.diagnostics.suggestion import did_you_mean
from fpc.model.instants import parse_instant
from fpc.model.nodes import Codeowners, Config, Target
from fpc.spec.documents import ConfigSpec, TargetSpec
from fpc.types.duration import Duration

_ENGINES: Final = ("duckdb",)
_LATER_ENGINES: Final = ("spark", "postgres", "snowflake", "bigquery", "databricks", "redshift", "trino")
_STREAMING_BELOW: Final = Duration.parse("5m")
_DATABASE: Final = ".fpc/warehouse.duckdb"
_EMBEDDED: Final = "embedded"
_CODEOWNERS: Final = ".github/CODEOWNERS"


def resolve_config(spec: ConfigSpec | None, findings: Findings) -> Config:
    """The configuration; without a usable `fpc.yml`, one that stands in so that the rest can be checked."""
    if spec is None:
        return Config("repository", {}, "", _STREAMING_BELOW)
    targets = {target.name.value: _target(target, findings) for target in spec.targets}
    default = next(iter(targets), "")
    if spec.default_target is not None:
        if spec.default_target.value in targets:
            default = spec.default_target.value
        else:
            findings.error(
                codes.UNKNOWN_NAME,
                f"unknown target `{spec.default_target.value}`",
                spec.default_target.span,
                "not under `targets`",
                help=did_you_mean(spec.default_target.value, targets),
            )
    below = _STREAMING_BELOW if spec.streaming_below is None else spec.streaming_below.value
    url = None if spec.repository_url is None else spec.repository_url.value.rstrip("/")
    return Config(spec.name.value, targets, default, below, url, codeowners=_codeowners(spec))


def _codeowners(spec: ConfigSpec) -> Codeowners | None:
    written = spec.codeowners
    if written is None:
        return None
    owners = [(FOLDER, spec.defaults.owner), *((one.path.value, one.defaults.owner) for one in spec.folders)]
    return Codeowners(
        _CODEOWNERS if written.file is None else written.file.value,
        {owner.value: tuple(team.value for team in teams) for owner, teams in written.teams},
        tuple(line.value for line in written.first),
        {path: owner.value for path, owner in owners if owner is not None},
    )


def _target(spec: TargetSpec, findings: Findings) -> Target:
    engine = spec.engine.value
    if engine in _LATER_ENGINES:
        findings.warning(
            codes.ENGINE_NOT_BUILT,
            f"engine `{engine}` is not built yet",
            spec.engine.span,
            "this target cannot be compiled",
            help="targets on `duckdb` work",
        )
    elif engine not in _ENGINES:
        known = (*_ENGINES, *_LATER_ENGINES)
        findings.error(
            codes.INVALID_VALUE,
            f"unknown engine `{engine}`",
            spec.engine.span,
            f"not one of {', '.join(known)}",
            help=did_you_mean(engine, known),
        )
    if spec.as_of is not None:
        try:
            parse_instant(spec.as_of.value)
        except (ValueError, OverflowError) as error:
            findings.error(
                codes.INVALID_INSTANT, f"`{spec.as_of.value}` is not an instant", spec.as_of.span, str(error)
            )
    database = spec.database.value if spec.database is not None else _DATABASE if engine == "duckdb" else None
    return Target(
        spec.name.value,
        engine,
        database,
        None if spec.profile is None else spec.profile.value,
        _EMBEDDED if spec.online is None else spec.online.value,
        None if spec.as_of is None else spec.as_of.value,
    )
