"""Questions that are one search as Discover sessions of Kibana: the same filter, order and fields. Pure.

Kibana 8.19 and later imports them (type ``search``). Each tells its ES|QL twin, for whoever works there; ES|QL is not
part of a bare Elasticsearch, so the twins are not run by our tests.
"""

from typing import Any

import orjson

from dashboards.kibana.data_views import view_id
from dashboards.questions import QUESTIONS
from dashboards.questions.asking import LIMIT, Question
from models.topics import Names

VERSIONS = {"coreMigrationVersion": "8.8.0", "typeMigrationVersion": "10.3.0"}
"""Lowest that hold what is used: without them Kibana applies the migrations of years."""
SOURCE = "kibanaSavedObjectMeta.searchSourceJSON.index"


def saved_objects(names: Names) -> list[dict[str, Any]]:
    """Return an installation's Discover sessions; the data views that they refer to come with the boards."""
    return [_session(one, names) for one in QUESTIONS if one.kql]


def esql(question: Question, names: Names) -> str:
    """Return the ES|QL twin of a question that is one search."""
    orders = (f"`{name.lstrip('-')}` {'DESC' if name[0] == '-' else 'ASC'} NULLS LAST" for name in question.order)
    steps = (
        f"FROM {names.index(question.index or '')}",
        f'WHERE KQL("""{question.kql}""")',
        f"SORT {', '.join(orders)}",
        f"KEEP {', '.join(f'`{name}`' for name in question.shown)}",
        f"LIMIT {LIMIT.default}",
    )
    return " | ".join(steps)


def _session(question: Question, names: Names) -> dict[str, Any]:
    described = question.description
    source = {"query": {"query": question.kql, "language": "kuery"}, "filter": [], "indexRefName": SOURCE}
    attributes = {
        "title": f"{names.prefix}: {question.name}",
        "description": f"{described.title} {described.evidence} ES|QL (not run here): {esql(question, names)}",
        "columns": list(question.shown),
        "sort": [[name.lstrip("-"), "desc" if name[0] == "-" else "asc"] for name in question.order],
        "grid": {},
        "hideChart": True,
        "isTextBasedQuery": False,
        "timeRestore": False,
        "kibanaSavedObjectMeta": {"searchSourceJSON": orjson.dumps(source).decode()},
    }
    reference = {"name": SOURCE, "type": "index-pattern", "id": view_id(names, question.index or "")}
    own = names.index(f"question-{question.name}")
    return {
        "id": own, "type": "search", "attributes": attributes, "references": [reference], "managed": False, **VERSIONS,
    }  # fmt: skip
