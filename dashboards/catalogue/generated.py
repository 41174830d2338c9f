"""Every file that is generated from the catalogue, as bytes by its path. Pure."""

from typing import Any

import orjson

from dashboards.catalogue import KINDS
from dashboards.catalogue.mappings import base_template, kind_template, settings_template
from dashboards.catalogue.page import page
from dashboards.catalogue.schemas import schema
from dashboards.retention import KEPT, ilm_policy
from dashboards.templates import MONTHLY

PAGE = "docs/reference/fields.md"
FOLDERS = ("dashboards/templates", "dashboards/schemas", "dashboards/ilm")
"""Hold generated files and nothing else."""


def files() -> dict[str, bytes]:
    """Return the content of every generated file by its path from the project's root."""
    templates = {
        "settings": settings_template(),
        "base": base_template(),
        **{name: kind_template(kind) for name, kind in KINDS.items()},
    }
    return {
        **{f"dashboards/templates/{name}.json": _json(body) for name, body in templates.items()},
        **{f"dashboards/schemas/{name}.json": _json(schema(kind)) for name, kind in KINDS.items()},
        **{f"dashboards/ilm/{kind}.json": _json(ilm_policy(kind, KEPT[kind])) for kind in MONTHLY},
        PAGE: page().encode(),
    }


def _json(content: dict[str, Any]) -> bytes:
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
