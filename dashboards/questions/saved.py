"""Questions that are one search as Discover sessions of Kibana: the same filter, order and fields. Pure.

Each tells its ES|QL twin, for whoever works there; ES|QL is not part of a bare Elasticsearch, so the twins are not run
by our tests.
"""

from typing import Any

from dashboards.kibana.data_views import view_id
from dashboards.kibana.models import Documents, Kql, Sort, Source
from dashboards.kibana.saved_parts import documents
from dashboards.questions import QUESTIONS
from dashboards.questions.asking import LIMIT, Question
from models.topics import Names


def saved_questions(names: Names) -> list[dict[str, Any]]:
    """Return an installation's Discover sessions; the data views that they refer to come with the boards."""
    return [documents(names.index(f"question-{one.name}"), _session(one, names)) for one in QUESTIONS if one.kql]


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


def _session(question: Question, names: Names) -> Documents:
    described = question.description
    return Documents(
        title=f"{names.prefix}: {question.name}",
        description=f"{described.title} {described.evidence} ES|QL (not run here): {esql(question, names)}",
        data_source=Source(ref_id=view_id(names, question.index or "")),
        query=Kql(expression=question.kql or ""),
        columns=question.shown,
        sort=tuple(Sort(name=one.lstrip("-"), direction="desc" if one[0] == "-" else "asc") for one in question.order),
    )
