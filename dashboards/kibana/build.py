"""What is written and sent: data views, boards as the API takes them, and everything as saved objects. Pure."""

from collections.abc import Mapping, Sequence

import orjson

from dashboards.kibana.boards import dashboards
from dashboards.kibana.data_views import data_views
from dashboards.kibana.lint import lint
from dashboards.kibana.models import Dashboard
from dashboards.kibana.ndjson import Saved, saved_objects, to_ndjson
from dashboards.kibana.references import broken
from dashboards.questions.fields import searchable
from dashboards.questions.saved import saved_questions
from dashboards.templates import KINDS
from models.topics import Names


def index_fields() -> dict[str, Mapping[str, str]]:
    """Return the type of every field, by index."""
    return {kind: searchable(kind) for kind in KINDS}


def objects(names: Names, board: str | None, boards: Sequence[Dashboard] | None = None) -> list[Saved]:
    """Return the saved objects of an installation, and the questions that are one search.

    Args:
        names: of the installation.
        board: address of our own board; without one nothing leads there.
        boards: only these, with the data views; all of them if None.
    """
    chosen = dashboards(names) if boards is None else boards
    return [*saved_objects(chosen, data_views(names), index_fields(), board), *saved_questions(names)]


def files(names: Names, board: str | None = None) -> dict[str, bytes]:
    """Return what ``build`` writes, by file name. Same names, same bytes.

    Args:
        names: of the installation.
        board: address of our own board; without one nothing leads there.
    """
    option = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    written = {"data-views.json": orjson.dumps([view.to_api() for view in data_views(names)], option=option)}
    for dashboard in dashboards(names):
        own = dashboard.id.removeprefix(names.index(""))
        written[f"{own}.json"] = orjson.dumps(dashboard.to_api(board), option=option)
    written[f"{names.prefix}.ndjson"] = to_ndjson(objects(names, board))
    return written


def findings(names: Names, board: str | None = None) -> list[str]:
    """Return what is wrong with the boards and their saved objects, in words; an empty list means that nothing is."""
    views, fields = data_views(names), index_fields()
    found = [
        f"{dashboard.id}: {finding}" for dashboard in dashboards(names) for finding in lint(dashboard, views, fields)
    ]
    return found + broken(objects(names, board))
