"""The *Postmortem timeline* board: one incident, everything on record of it. Pure.

Choose the incident at the top; other boards lead here with it chosen. All panels read data views without a time field,
so that an incident of last year is as whole as one of today.
"""

from dashboards.kibana.colors import BREACHED, MET, NEUTRAL, OVERDUE
from dashboards.kibana.common import (
    AGREED,
    LINKS_ROWS,
    board_id,
    common_controls,
    kql,
    links_row,
    source,
    terms,
    title_of,
)
from dashboards.kibana.data_views import view_id
from dashboards.kibana.models import (
    ALL,
    WHOLE,
    Color,
    Control,
    Count,
    Dashboard,
    Documents,
    Grid,
    Markdown,
    Panel,
    Sort,
    Span,
    Statistic,
    Table,
    by_value,
)
from dashboards.kibana.tiles import HIGH, row_of, tile
from dashboards.kibana.vega_timeline import time_line
from models.topics import Names

ENTRIES = "timelines-whole"
PAGED = 'lane : "page" and what : "paged"'
TOP = LINKS_ROWS + 5 + HIGH
REST = (
    "**Open questions and a summary** are in the report: `holdfast postmortem ID`. Actions of meetings about other "
    "incidents too: `holdfast reviews actions`."
)


def postmortem_timeline(names: Names) -> Dashboard:
    """Return the dashboard of one installation. Same names, same dashboard."""
    chosen = Control(
        data_view_id=view_id(names, ENTRIES), field_name="incident_id", title="Incident", single_select=True
    )
    return Dashboard(
        id=board_id(names, "postmortem-timeline"),
        title=title_of(names, "postmortem-timeline"),
        description="One incident: what was claimed, seen, measured, paged and decided, side by side.",
        time_from="now-90d",
        refresh_s=0,
        controls=(chosen, *common_controls(names, ENTRIES, "provider", "services", "priority")),
        panels=(links_row(names), _incident(names), *_headlines(names), *_lines(names), *_details(names)),
    )


def _incident(names: Names) -> Panel:
    config = Documents(
        title="The incident, as it stands now",
        description="One line while an incident is chosen; starts and ends on the agreed basis.",
        data_source=source(names, "incidents-now"),
        columns=(
            "source_incident_id", "title", "provider", "services", "priority", "status", "started_at",
            "acknowledged_at", "restored_at", "resolved_at",
        ),
        sort=(Sort(name="started_at"), Sort(name="incident_id", direction="asc")),
    )  # fmt: skip
    return Panel(id="incident", grid=Grid(x=0, y=LINKS_ROWS, w=48, h=5), config=config)


def _headlines(names: Names) -> tuple[Panel, ...]:
    judged = kql(AGREED, 'verdict : ("met" or "breached")')
    breached = Count(
        label="Breached", filter=kql('verdict : "breached"'), format=WHOLE, color=by_value(MET, (1, BREACHED))
    )
    unkept = kql('keeping : ("late" or "broken")')
    people = Statistic(operation="unique_count", field="who", label="People", format=WHOLE, color=Color(color=NEUTRAL))
    tiles = (
        ("entries-n", tile(names, ENTRIES, "Entries on record, of the chosen incident", ALL,
                           Count(label="Entries", format=WHOLE, color=Color(color=NEUTRAL)),
                           Statistic(operation="unique_count", field="incident_id", label="of incidents",
                                     format=WHOLE))),
        ("clocks-breached", tile(names, "clocks-now", "Targets breached, of the chosen incident", judged, breached,
                                 Count(label="of clocks", format=WHOLE))),
        ("furthest-over", tile(names, "clocks-now", "Furthest past a target, of the chosen incident", judged,
                               Statistic(operation="max", field="over_s", label="Past the target", format=Span()),
                               Count(label="of clocks", format=WHOLE))),
        ("longest-silence", tile(names, "clocks-now", "Longest silence, of the chosen incident",
                                 kql(AGREED, 'objective : "update"'),
                                 Statistic(operation="max", field="elapsed_min_s", label="Longest", format=Span()),
                                 Count(label="of gaps", format=WHOLE))),
        ("promises-unkept", tile(names, "promises-now", "Promises late or broken, of the chosen incident", kql(AGREED),
                                 Count(label="Late or broken", filter=unkept, format=WHOLE,
                                       color=by_value(MET, (1, OVERDUE))),
                                 Count(label="of promises", format=WHOLE))),
        ("people-paged", tile(names, ENTRIES, "People paged, of the chosen incident", kql(PAGED), people,
                              Count(label="pages", format=WHOLE))),
    )  # fmt: skip
    return row_of(tiles, LINKS_ROWS + 5)


def _lines(names: Names) -> tuple[Panel, ...]:
    entries = Documents(
        title="Entries, of the chosen incident",
        description="Everything on record, the earliest first; refers to names the document that an entry rests on.",
        data_source=source(names, ENTRIES),
        columns=("starts_at", "known_at", "lane", "what", "who", "text", "refers_to"),
        sort=(Sort(name="starts_at", direction="asc"), Sort(name="entry_id", direction="asc")),
        rows_per_page=100,
    )
    return (
        Panel(id="time-line", grid=Grid(x=0, y=TOP, w=48, h=18), config=time_line(names)),
        Panel(id="entries", grid=Grid(x=0, y=TOP + 18, w=48, h=14), config=entries),
    )


def _details(names: Names) -> tuple[Panel, ...]:
    clocks = Documents(
        title="Clocks on three bases, of the chosen incident",
        description="Claimed is the provider's word, observed what our witnesses saw, agreed what counts.",
        data_source=source(names, "clocks-now"),
        columns=("objective", "basis", "verdict", "started_at", "due_at", "stopped_at", "target_s", "over_s", "reason"),
        sort=(Sort(name="objective", direction="asc"), Sort(name="ordinal", direction="asc"),
              Sort(name="basis", direction="asc")),
    )  # fmt: skip
    promises = Documents(
        title="Promises, of the chosen incident",
        description="Agreed basis: each time that the provider named, and what came of it.",
        data_source=source(names, "promises-now"),
        query=kql(AGREED),
        columns=("said_at", "of", "promised_at", "fulfilled_at", "keeping", "late_s", "phrase"),
        sort=(Sort(name="said_at", direction="asc"), Sort(name="promise_id", direction="asc")),
    )
    pages = Table(
        title="Who was paged and what came of it, of the chosen incident",
        description="Pages, attempts to deliver them, and answers.",
        data_source=source(names, ENTRIES),
        query=kql('lane : "page"'),
        rows=(terms("who", "Who", 25, by_name=True), terms("what", "What", 10, by_name=True)),
        metrics=(
            Count(label="Times", format=WHOLE),
            Statistic(operation="min", field="starts_at", label="First"),
            Statistic(operation="max", field="starts_at", label="Last"),
        ),
    )
    decisions = Documents(
        title="Decisions and actions with their owners, of the chosen incident",
        description="Acknowledgements, mutes, rulings and what meetings about it came to; actions as they stand.",
        data_source=source(names, ENTRIES),
        query=kql('lane : "decision"'),
        columns=("starts_at", "what", "who", "text", "refers_to"),
        sort=(Sort(name="starts_at", direction="asc"), Sort(name="entry_id", direction="asc")),
    )
    rest = Markdown(title="The report", description="Where the rest is.", content=REST)
    row = TOP + 32
    return (
        Panel(id="clocks", grid=Grid(x=0, y=row, w=48, h=12), config=clocks),
        Panel(id="promises", grid=Grid(x=0, y=row + 12, w=20, h=10), config=promises),
        Panel(id="pages", grid=Grid(x=20, y=row + 12, w=18, h=10), config=pages),
        Panel(id="rest", grid=Grid(x=38, y=row + 12, w=10, h=10), config=rest),
        Panel(id="decisions", grid=Grid(x=0, y=row + 22, w=48, h=10), config=decisions),
    )
