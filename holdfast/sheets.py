"""Draws boards from the index: runs every panel's search and hands the rows to the drawings. IO: Elasticsearch."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from elasticsearch import Elasticsearch

from dashboards.kibana import picture
from dashboards.kibana.data_views import data_views
from dashboards.kibana.drawing import Answers, draw
from dashboards.kibana.drawing_charts import STEPS, Window
from dashboards.kibana.models import ByTime, Dashboard, DataView, Panel, Vega
from dashboards.kibana.readings import Reading, readings_of
from dashboards.kibana.searches import length_of, rows_of, search_of, search_of_request
from models.topics import Names

SHORT = timedelta(days=3)
"""Up to here time runs in hours on a chart, from here on in days."""
LONG = timedelta(days=120)
"""From here on in weeks."""


@dataclass(frozen=True)
class Sheet:
    """What boards are drawn from, and when."""

    client: Elasticsearch
    names: Names
    as_of: datetime
    """What *now* is, UTC: the same instant and the same index give the same pictures."""
    incident_id: str | None = None
    """Chosen on boards that have a control for it."""

    def picture(self, board: Dashboard) -> bytes:
        """Return a board as PNG.

        Raises:
            elasticsearch.ApiError: if a panel's search is refused; the message names the field.
            elasticsearch.TransportError: if the index can't be reached.
        """
        since = self.as_of - length_of(board.time_from.removeprefix("now-"))
        controls = self._controls(board)
        window = Window(since, self.as_of, _step(self.as_of - since))
        drawn = [picture.Drawn(one.config.title, one.grid, self._spec(one, window, controls)) for one in board.panels]
        words = f"{since:%Y-%m-%d %H:%M} to {self.as_of:%Y-%m-%d %H:%M} UTC" + (f". {controls}" if controls else "")
        return picture.png(picture.board(board.title, words, drawn))

    def _controls(self, board: Dashboard) -> str:
        has_incident = any(control.field_name == "incident_id" for control in board.controls)
        chosen = f'incident_id : "{self.incident_id}"' if has_incident and self.incident_id is not None else ""
        return " and ".join(part for part in (board.chosen(), chosen) if part)

    def _spec(self, panel: Panel, window: Window, controls: str) -> dict[str, Any]:
        answers = self._answers(panel, window, controls)
        return draw(panel, answers, picture.room_of(panel.config.title, panel.grid), window)

    def _answers(self, panel: Panel, window: Window, controls: str) -> Answers:
        views = {view.id: view for view in data_views(self.names)}
        if isinstance(panel.config, Vega):
            asked = ((one, views[one.data_source.ref_id]) for one in panel.config.requests)
            return Answers(
                found={
                    one.name: self._ask(view, search_of_request(one, view, window.since, window.until, controls))
                    for one, view in asked
                }
            )
        rows = []
        for reading in readings_of(panel):
            view = views[reading.source.ref_id]
            timed = _in_steps(reading, window.step)
            body = search_of(timed, view, window.since, window.until, controls)
            rows.append(rows_of(timed, self._ask(view, body)))
        return Answers(rows=tuple(rows))

    def _ask(self, view: DataView, body: Mapping[str, Any]) -> dict[str, Any]:
        found = self.client.search(index=view.title, body=at_instant(dict(body), self.as_of), ignore_unavailable=True)
        return dict(found.body)


def fullest_incident(client: Elasticsearch, names: Names) -> str | None:
    """Return the incident with the most entries in its time line: there is most to see; None where there is none."""
    largest = {"terms": {"field": "incident_id", "size": 1, "order": [{"_count": "desc"}, {"_key": "asc"}]}}
    found = client.search(index=names.index("timelines"), size=0, aggs={"by": largest}, ignore_unavailable=True)
    buckets = found["aggregations"]["by"]["buckets"] if "aggregations" in found else []
    return buckets[0]["key"] if buckets else None


def at_instant(part: Any, as_of: datetime) -> Any:
    """Return a search in which ``now`` is an instant of ours: Elasticsearch's own is the present.

    >>> from datetime import UTC
    >>> at_instant({"lt": "now+30m"}, datetime(2026, 5, 1, tzinfo=UTC))
    {'lt': '2026-05-01T00:00:00Z||+30m'}
    """
    if isinstance(part, dict):
        return {key: at_instant(inner, as_of) for key, inner in part.items()}
    if isinstance(part, list):
        return [at_instant(inner, as_of) for inner in part]
    if isinstance(part, str) and (part == "now" or part.startswith(("now+", "now-", "now/"))):
        return f"{as_of:%Y-%m-%dT%H:%M:%SZ}||{part.removeprefix('now')}"
    return part


def _step(span: timedelta) -> timedelta:
    return STEPS["1h" if span <= SHORT else "1d" if span <= LONG else "1w"]


def _in_steps(reading: Reading, step: timedelta) -> Reading:
    """Return a reading whose time runs in steps that a picture can show; Kibana chooses its own."""
    named = next(name for name, size in STEPS.items() if size == step)
    buckets = tuple(
        one.model_copy(update={"suggested_interval": named})
        if isinstance(one, ByTime) and one.suggested_interval == "auto"
        else one
        for one in reading.buckets
    )
    return replace(reading, buckets=buckets)
