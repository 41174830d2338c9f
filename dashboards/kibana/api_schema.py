"""The boards against Kibana's published description of its dashboards API (OpenAPI 3.0). Pure.

The description is not part of Holdfast: its licence lets it be read, not shipped.
"""

from collections.abc import Sequence
from typing import Any

from dashboards.kibana.models import Dashboard

TOLD = 160
"""Characters of one finding."""


def against(description: dict[str, Any], dashboards: Sequence[Dashboard], board: str | None) -> list[str]:
    """Return where boards do not fit the description, panel by panel, in words.

    Args:
        description: OpenAPI document that has ``kbn-dashboard-data`` among its schemas.
        dashboards: to check.
        board: address of our own board; None if it has none.

    Raises:
        ImportError: without ``openapi-schema-validator``; it is no part of the base install.
        KeyError: if the description is of something else.
    """
    from openapi_schema_validator import OAS30Validator

    components = relaxed(description["components"])
    components["schemas"]["kbn-dashboard-data"]
    validator = OAS30Validator({"$ref": "#/components/schemas/kbn-dashboard-data", "components": components})
    found = []
    for dashboard in dashboards:
        body = dashboard.to_api(board)
        for panel in body["panels"]:
            errors = validator.iter_errors({**body, "panels": [panel]})
            found += [f"{dashboard.id}: {panel['id']}: {error.message[:TOLD]}" for error in errors]
    return found


def relaxed(node: Any) -> Any:
    """Return a description without references in ``required``: the published one lists every optional one there."""
    if isinstance(node, list):
        return [relaxed(child) for child in node]
    if not isinstance(node, dict):
        return node
    found = {key: relaxed(child) for key, child in node.items()}
    properties, required = node.get("properties"), node.get("required")
    if isinstance(required, list) and isinstance(properties, dict):
        found["required"] = [name for name in required if "$ref" not in properties.get(name, {})]
    return found
