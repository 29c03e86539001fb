"""Reading the `deprecated` mapping of a view or of one of its features."""

from __future__ import annotations

import yaml

from fpc.spec.documents import DeprecatedSpec
from fpc.spec.fields import Fields


def read_deprecated(fields: Fields) -> DeprecatedSpec | None:
    """When it goes, why and what to use instead; None where it does not say since when."""
    node = fields.raw("deprecated")
    if not isinstance(node, yaml.MappingNode):
        if node is not None:
            fields.wrong_shape(node, "`deprecated` is written as `key: value` pairs")
        return None
    inner = fields.inner(node, "`deprecated`", ("since", "remove_after", "use", "reason"))
    since = inner.text("since", required=True)
    rest = (inner.text("remove_after"), inner.text("use"), inner.text("reason"))
    return None if since is None else DeprecatedSpec(since, *rest)
