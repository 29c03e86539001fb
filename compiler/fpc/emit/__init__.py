"""Artefacts of a model, as text: the dbt project and the registry. Only `writer` touches files."""
