"""What every board owes its readers: its window, its n, a way to the others, the same controls. Pure."""

import re
from collections.abc import Iterator, Mapping

from dashboards.kibana.common import CONTROLS
from dashboards.kibana.kql import fields_of
from dashboards.kibana.models import (
    ByTerms,
    Count,
    Dashboard,
    DataView,
    Figure,
    Links,
    Markdown,
    Panel,
    Percentile,
    PercentileRank,
    Ratio,
    Statistic,
    Vega,
)
from dashboards.kibana.readings import Reading, readings_of

Fields = Mapping[str, str]
PRESENT = re.compile(r"\bnow\b")
CHOSEN = re.compile(r"\bin the chosen time\b")
OTHER = re.compile(r"\blast \d+ \w+|\bof the chosen incident\b|\bwhole period\b")
LEAST, MOST = 8, 16
"""Panels of a board, the links included."""


def rules(dashboard: Dashboard, views: Mapping[str, DataView], fields: Mapping[str, Fields]) -> Iterator[str]:
    """Yield which of the rules a board breaks, in words.

    Args:
        dashboard: to check.
        views: the data views that come with it, by id.
        fields: of each index that the views read.
    """
    if not LEAST <= len(dashboard.panels) <= MOST:
        yield f"{len(dashboard.panels)} panels: a board has {LEAST} to {MOST}"
    if [panel.grid.y for panel in dashboard.panels if isinstance(panel.config, Links)] != [0]:
        yield "a board has one row of links, at its top"
    for panel in dashboard.panels:
        yield from (f"{panel.id}: {finding}" for finding in (*_window(panel, views), *_n(panel)))
    yield from _controls(dashboard, views, fields)


def _window(panel: Panel, views: Mapping[str, DataView]) -> Iterator[str]:
    """Yield what is wrong with the window that a panel's title says."""
    if isinstance(panel.config, Markdown | Links):
        return
    said = f"{panel.config.title}. {panel.config.description}"
    if not any(pattern.search(said) for pattern in (PRESENT, CHOSEN, OTHER)):
        yield "neither title nor description says its window: now, in the chosen time, last 30 days"
    if not panel.config.description:
        yield "it has no description"
    title = panel.config.title
    for named in sorted(_sources(panel) & set(views)):
        timed = views[named].time_field is not None
        if timed and PRESENT.search(title) and not CHOSEN.search(title):
            yield f"its title says now, and the time picker narrows {named!r}"
        if not timed and CHOSEN.search(title):
            yield f"its title says the chosen time, which does not narrow {named!r}"


def _sources(panel: Panel) -> set[str]:
    found = {reading.source.ref_id for reading in readings_of(panel)}
    if isinstance(panel.config, Vega):
        found |= {request.data_source.ref_id for request in panel.config.requests}
    return found


def _n(panel: Panel) -> Iterator[str]:
    """Yield whether a panel shows a share, a mean or a percentile without how many cases it rests on."""
    figures = [figure for reading in readings_of(panel) for figure in reading.figures]
    resting = [figure for figure in figures if _rests_on_n(figure)]
    if resting and not any(_is_n(figure) for figure in figures):
        yield f"{resting[0].operation} without its n: add a count, or the sum of a field n"


def _rests_on_n(figure: Figure) -> bool:
    mean = isinstance(figure, Statistic) and figure.operation in ("average", "median")
    return mean or isinstance(figure, Ratio | Percentile | PercentileRank)


def _is_n(figure: Figure) -> bool:
    counted = isinstance(figure, Statistic) and (figure.operation == "unique_count" or figure.field == "n")
    return counted or isinstance(figure, Count)


def _controls(dashboard: Dashboard, views: Mapping[str, DataView], fields: Mapping[str, Fields]) -> Iterator[str]:
    """Yield controls that would empty a panel, and common ones that all panels could follow and that are not there.

    Kibana filters by a control's field even where the index has none of it.
    """
    asked = [(panel, view, reading) for panel in dashboard.panels for view, reading in _narrowed(panel, views)]
    there = {control.field_name for control in dashboard.controls}
    for control in dashboard.controls:
        emptied = [panel.id for panel, view, _ in asked if control.field_name not in fields[view.index]]
        for own in dict.fromkeys(emptied):
            yield f"{own}: control {control.title!r} would empty it: no field {control.field_name!r}"
    for field, title in CONTROLS.items():
        following = all(field in fields[view.index] and not _has_own(field, reading) for _, view, reading in asked)
        if following and field not in there and field != "basis":
            yield f"control {title!r} is missing: every panel could follow it"
    for panel, view, reading in asked:
        if "basis" in fields[view.index]:
            yield from (f"{panel.id}: {finding}" for finding in _basis(reading, "basis" in there))


def _narrowed(panel: Panel, views: Mapping[str, DataView]) -> Iterator[tuple[DataView, Reading]]:
    """Yield what the controls narrow of a panel, with its data view."""
    readings = [reading for reading in readings_of(panel) if not reading.free]
    if isinstance(panel.config, Vega):
        readings = [Reading(request.data_source, request.query) for request in panel.config.requests]
    for reading in readings:
        if reading.source.ref_id in views:
            yield views[reading.source.ref_id], reading


def _has_own(field: str, reading: Reading) -> bool:
    """Return whether a reading fixes a field's value, so that a control could only empty it."""
    return field in fields_of(reading.query.expression)


def _basis(reading: Reading, controlled: bool) -> Iterator[str]:
    """Yield whether a reading would count the same clock on three bases, or can't follow the board's basis."""
    own = _has_own("basis", reading)
    compared = any(isinstance(bucket, ByTerms) and "basis" in bucket.fields for bucket in reading.buckets)
    each = bool(reading.figures) and all("basis" in _filtered_by(figure) for figure in reading.figures)
    if controlled and (own or compared or each):
        yield "it has a basis of its own: the control 'Basis' would empty it"
    if not (controlled or own or compared or each or "basis" in reading.columns):
        yield "it mixes the three bases: filter by one, or split by basis"


def _filtered_by(figure: Figure) -> set[str]:
    filters = [figure.filter]
    if isinstance(figure, Ratio):
        filters += [side.filter for side in (figure.numerator, figure.denominator)]
    return {field for one in filters if one is not None for field in fields_of(one.expression)}
