"""Resolving feature services: references and patterns to features."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase

from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.diagnostics.suggestion import meant_or_known
from fpc.model.deprecations import deprecated_outputs
from fpc.model.features import declared_names
from fpc.model.nodes import FeatureReference, FeatureService, FeatureView, OnMissing
from fpc.model.schedule import longest_gap
from fpc.spec.documents import DefaultsSpec, ServiceSpec, ViewSpec
from fpc.spec.located import Located

_REFERENCE = re.compile(r"([A-Za-z0-9_]+)\.([A-Za-z0-9_*]+)")


def resolve_service(
    spec: ServiceSpec,
    views: Mapping[str, FeatureView],
    declared: Mapping[str, ViewSpec],
    defaults: DefaultsSpec,
    findings: Findings,
) -> FeatureService:
    """The service with those of its features that exist; views that have errors of their own are passed over."""
    found: dict[FeatureReference, Located[str]] = {}
    explicit: set[FeatureReference] = set()
    for text in spec.features:
        for reference in _references(text, views, declared, findings):
            if "*" not in text.value:
                if reference in explicit:
                    findings.warning(
                        codes.REPEATED_SERVICE_FEATURE,
                        f"`{text.value}` is listed twice",
                        text.span,
                        "listed before",
                        help="remove one of the two",
                    )
                explicit.add(reference)
            found.setdefault(reference, text)
    if not spec.features:
        findings.error(
            codes.MISSING_KEY, f"service `{spec.name.value}` reads no feature", spec.name.span, "needs `features`"
        )
    _check_views(spec, found, views, findings)
    owner = spec.owner or defaults.owner
    missing = spec.on_missing or defaults.on_missing
    return FeatureService(
        spec.name.value,
        1 if spec.version is None else spec.version.value,
        "" if spec.description is None else spec.description.value.strip(),
        "" if owner is None else owner.value,
        None if spec.model is None else spec.model.value,
        tuple(found),
        None if spec.max_staleness is None else spec.max_staleness.value,
        OnMissing.DEFAULT if missing is None else OnMissing(missing.value),
        spec.name.span,
    )


def _references(
    text: Located[str], views: Mapping[str, FeatureView], declared: Mapping[str, ViewSpec], findings: Findings
) -> list[FeatureReference]:
    match = _REFERENCE.fullmatch(text.value)
    if match is None:
        findings.error(
            codes.UNKNOWN_SERVICE_FEATURE,
            f"`{text.value[:80]}` is not a feature",
            text.span,
            "neither `view.feature` nor `view.*`",
        )
        return []
    name, pattern = match[1], match[2]
    spec = declared.get(name)
    if spec is None:
        findings.error(
            codes.UNKNOWN_SERVICE_FEATURE,
            f"unknown view `{name}`",
            text.place.within(0, len(name)),
            "no view of this name",
            help=meant_or_known(name, declared),
        )
        return []
    known = declared_names(spec)
    names = [output.name for output in views[name].outputs] if name in views else []
    if "*" not in pattern:
        if pattern in names:
            return [FeatureReference(name, pattern)]
        if pattern not in known:
            findings.error(
                codes.UNKNOWN_SERVICE_FEATURE,
                f"unknown feature `{pattern}` in view `{name}`",
                text.place.within(len(name) + 1, len(text.value)),
                "not a feature of this view",
                help=meant_or_known(pattern, known),
            )
        return []
    matched = [FeatureReference(name, candidate) for candidate in names if fnmatchcase(candidate, pattern)]
    if not matched and not any(fnmatchcase(candidate, pattern) for candidate in known):
        findings.error(
            codes.EMPTY_GLOB,
            f"`{text.value}` matches no feature",
            text.span,
            "nothing of this kind in the view",
            help=meant_or_known(pattern.replace("*", ""), names),
        )
    return matched


def _check_views(
    spec: ServiceSpec,
    found: Mapping[FeatureReference, Located[str]],
    views: Mapping[str, FeatureView],
    findings: Findings,
) -> None:
    seen: set[str] = set()
    for reference, text in found.items():
        if reference.view in seen:
            continue
        seen.add(reference.view)
        view = views[reference.view]
        if view.deprecated is not None:
            use = view.deprecated.use
            findings.warning(
                codes.READS_DEPRECATED,
                f"view `{view.name}` is deprecated since {view.deprecated.since}",
                text.span,
                "read by this service",
                help=None if use is None else f"read `{use}` instead",
            )
        else:
            _warn_of_features(view, found, findings)
        every = None if spec.max_staleness is None else longest_gap(view.grid)
        if spec.max_staleness is not None and every is not None:
            oldest = every.microseconds + view.delay.microseconds
            if oldest > spec.max_staleness.value.microseconds:
                findings.error(
                    codes.TOO_STALE,
                    f"view `{view.name}` cannot be as fresh as service `{spec.name.value}` asks",
                    spec.max_staleness.span,
                    f"its values are up to {every} old when the next are computed, and published {view.delay} later",
                    help="refresh the view more often, or allow a longer staleness",
                )


def _warn_of_features(view: FeatureView, found: Mapping[FeatureReference, Located[str]], findings: Findings) -> None:
    for output, deprecated in deprecated_outputs(view):
        text = found.get(FeatureReference(view.name, output.name))
        if text is not None:
            findings.warning(
                codes.READS_DEPRECATED,
                f"feature `{view.name}.{output.name}` is deprecated since {deprecated.since}",
                text.span,
                "read by this service",
                help=None if deprecated.use is None else f"read `{deprecated.use}` instead",
            )
