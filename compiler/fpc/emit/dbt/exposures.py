"""Feature services as dbt exposures: which model depends on which views."""

from __future__ import annotations

from fpc.emit.artefact import Artefact
from fpc.emit.dbt.names import checked
from fpc.emit.header import yaml_header
from fpc.emit.inert import inert
from fpc.emit.yaml_text import Yaml, dump
from fpc.model.nodes import FeatureService


def exposure(service: FeatureService) -> Artefact:
    """One exposure per service, in a file of its own."""
    name = checked(service.name)
    views = list(dict.fromkeys(reference.view for reference in service.features))
    features: list[Yaml] = [f"{reference.view}.{reference.feature}" for reference in service.features]
    document: dict[str, Yaml] = {
        "exposures": [
            {
                "name": name,
                "label": inert(service.model or service.name),
                "type": "ml",
                "description": inert(service.description),
                "owner": {"name": inert(service.owner or "nobody")},
                "depends_on": [f"ref('{checked(view)}')" for view in views],
                "config": {
                    "meta": {
                        "version": service.version,
                        "model": inert(service.model or ""),
                        "on_missing": service.on_missing.value,
                        "spec": inert(service.span.path),
                        "features": features,
                    }
                },
            }
        ]
    }
    return Artefact(f"dbt_project/models/services/{name}.yml", f"{yaml_header()}\n{dump(document)}")
