"""How long every panel and every named question takes over a large index: p95 of warm searches, one after the other.

Elasticsearch's request cache is off, so each search is computed; its file cache is warm, as a board's is. Panels look
at the time that their board opens with, and once more at the whole history, which no board does by itself; *now* is
the end of the history. IO: Elasticsearch.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from elasticsearch import Elasticsearch

from benchmarks.report import Figure, percentile
from dashboards.kibana.boards import dashboards
from dashboards.kibana.data_views import data_views
from dashboards.kibana.models import DataView
from dashboards.kibana.readings import readings_of
from dashboards.kibana.searches import length_of, search_of
from dashboards.questions import QUESTIONS, Questions
from holdfast.reader import SearchReader
from holdfast.sheets import at_instant
from models.documents import Documents
from models.instants import format_instant
from models.questions import InputKind, QuestionDescription, QuestionError
from models.topics import Names

AIM_MS = 500


@dataclass(frozen=True)
class Timed:
    """Latencies of one panel or question."""

    name: str
    took_ms: list[float]
    note: str = ""

    @property
    def p95(self) -> float:
        """Nearest rank, in milliseconds."""
        return percentile(self.took_ms, 0.95)

    def figure(self) -> Figure:
        """Return it as a figure of a report."""
        took = self.took_ms
        return Figure(f"{self.name}: p95", self.p95, "ms", len(took), min(took), max(took), note=self.note)


@dataclass(frozen=True)
class Asked:
    """What is asked, and of what."""

    client: Elasticsearch
    names: Names
    begin: datetime
    end: datetime
    documents: Documents
    rounds: int


def panels(asked: Asked, *, of_all_time: bool) -> Iterator[Timed]:
    """Yield how long each panel of each board takes; a panel with several readings asks them one after the other.

    Args:
        asked: what of.
        of_all_time: over the whole history, not over the time that the board opens with.
    """
    views = {view.id: view for view in data_views(asked.names)}
    for board in dashboards(asked.names):
        since = asked.begin if of_all_time else asked.end - length_of(board.time_from.removeprefix("now-"))
        for panel in board.panels:
            readings = [(one, views[one.source.ref_id]) for one in readings_of(panel)]
            searches = [
                (view, at_instant(search_of(one, view, since, asked.end, board.chosen()), asked.end))
                for one, view in readings
            ]
            if searches:
                name = f"{board.id.removeprefix(asked.names.prefix + '-')} / {panel.id}"
                yield Timed(name, list(_timed(lambda: _search(asked.client, searches), asked.rounds)))  # noqa: B023


def _search(client: Elasticsearch, searches: Iterable[tuple[DataView, dict[str, Any]]]) -> None:
    for view, body in searches:
        client.search(index=view.title, body=body, request_cache=False, ignore_unavailable=True)


def _timed(run: Callable[[], object], rounds: int) -> Iterator[float]:
    """Yield milliseconds of each round; one before them warms up."""
    for number in range(rounds + 1):
        began = time.perf_counter()
        run()
        if number:
            yield 1000 * (time.perf_counter() - began)


def questions(asked: Asked) -> Iterator[Timed]:
    """Yield how long each named question takes, with inputs from the index itself."""
    reader = SearchReader(asked.client, asked.names, "the benchmark's node")
    library = Questions(QUESTIONS, reader, lambda: asked.documents, lambda: asked.end)
    known = _known(asked)
    for description in library.descriptions():
        given = _inputs(description, known, f"{asked.begin:%Y-%m}")
        name = f"question {description.name}"
        try:
            answer = library.ask(description.name, given)
        except QuestionError as error:
            yield Timed(name, [0.0], f"not asked: {error}")
            continue
        took = list(_timed(lambda: library.ask(description.name, given), asked.rounds))  # noqa: B023
        yield Timed(name, took, f"{len(answer.rows)} rows of {answer.total} documents")


def _known(asked: Asked) -> dict[InputKind, str]:
    """Return a value of each kind: of the first provider, and of its incident that was told of most."""
    provider = next(iter(asked.documents.providers))
    query = {"bool": {"filter": [{"term": {"provider": provider}}, {"term": {"kind": "incident"}}]}}
    found = asked.client.search(
        index=asked.names.index("incidents"), size=1, query=query, sort=[{"notice_count": "desc"}]
    )["hits"]["hits"][0]
    return {
        InputKind.PROVIDER: provider,
        InputKind.INCIDENT: found["_id"],
        InputKind.INSTANT: found["_source"]["last_notice_at"] or format_instant(asked.end),
        InputKind.NUMBER: "10",
        InputKind.FILTER: f"provider : {provider}",
    }


def _inputs(description: QuestionDescription, known: Mapping[InputKind, str], month: str) -> dict[str, str]:
    """Return what a question needs; what has a default, or can be left out, is left out."""
    words = {"kind": "clocks", "version": "1", "month": month}
    return {
        one.name: known.get(one.kind) or words.get(one.name, "x")
        for one in description.inputs
        if one.required and one.default is None
    }
