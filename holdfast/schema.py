"""A JSON schema of the documents, for editors that complete and check while one writes. Pure.

It says less than ``holdfast lint``: keys, forms and closed lists, not what documents need of each other.
"""

from typing import Any

from pydantic.json_schema import models_json_schema

from models.documents import KINDS


def document_schema() -> dict[str, Any]:
    """Return a schema (draft 2020-12) that fits a document of any kind, chosen by its ``kind``."""
    references, schema = models_json_schema(
        [(model, "validation") for model in KINDS.values()],
        title="Holdfast documents",
        description="Agreements, providers, escalation policies and rotas; docs/agreements.md tells every key.",
    )
    choices = [
        {"if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]}, "then": references[model, "validation"]}
        for kind, model in KINDS.items()
    ]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "type": "object",
        "required": ["apiVersion", "kind", "id"],
        "properties": {"kind": {"enum": list(KINDS)}},
        "allOf": choices,
    }
