"""The *Communication cadence* board: how often providers speak, how long they are silent, which promises hold. Pure.

An update clock runs from one word of the provider to the next: its elapsed time is the gap. Gaps are those of the
agreed basis, lower bounds, of clocks that stopped in the chosen time.
"""

from dashboards.kibana.colors import BREACHED, GREEN, GREY, MET, ORANGE, OVERDUE, PURPLE, SKY, VERMILLION
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
    PERCENT,
    WHOLE,
    Amount,
    ByTime,
    Chart,
    Color,
    Count,
    Dashboard,
    Grid,
    Layer,
    Number,
    Panel,
    Percentile,
    RankByFigure,
    Ratio,
    Span,
    Statistic,
    Table,
    by_value,
    to_notices,
)
from dashboards.kibana.tiles import HIGH, row_of, tile
from dashboards.kibana.vega_silence import silence_map
from models.topics import Names

UPDATES = f'{AGREED} and objective : "update"'
JUDGED = 'verdict : ("met" or "breached")'
IN_TIME = kql('verdict : "met"')
KEPT = kql('keeping : "kept"')
ENDED = 'keeping : ("kept" or "late" or "broken")'
KEEPINGS = (
    ("kept", GREEN), ("late", ORANGE), ("broken", VERMILLION), ("open", SKY), ("indeterminate", GREY),
    ("withdrawn", PURPLE),
)  # fmt: skip
GAP = "elapsed_min_s"
TOP = LINKS_ROWS + HIGH
PER_INCIDENT = Ratio(
    label="Updates per incident",
    numerator=Amount(),
    denominator=Amount(of="unique_count", field="incident_id"),
    format=Number(decimals=1),
)


def communication_cadence(names: Names) -> Dashboard:
    """Return the dashboard of one installation. Same names, same dashboard."""
    return Dashboard(
        id=board_id(names, "communication-cadence"),
        title=title_of(names, "communication-cadence"),
        description="How often providers speak while something is wrong, and what their named times are worth.",
        time_from="now-30d",
        refresh_s=300,
        controls=common_controls(names, "clocks-now", "provider"),
        panels=(links_row(names), *_headlines(names), *_gaps(names), *_silence(names), *_words(names)),
    )


def _headlines(names: Names) -> tuple[Panel, ...]:
    clocks, judged = "clocks-stopped", kql(UPDATES, JUDGED)
    whole = Count(label="n", format=WHOLE)
    met = Ratio(
        label="In time", numerator=Amount(filter=IN_TIME), color=by_value(BREACHED, (0.8, OVERDUE), (0.95, MET))
    )
    kept = Ratio(label="Kept", numerator=Amount(filter=KEPT), color=by_value(BREACHED, (0.8, OVERDUE), (0.95, MET)))
    tiles = (
        ("updates-overdue", tile(names, "clocks-now", "Updates overdue, now", kql(UPDATES, 'verdict : "overdue"'),
                                 Count(label="Overdue", format=WHOLE, color=by_value(MET, (1, OVERDUE))),
                                 Statistic(operation="min", field="due_at", label="since"))),
        ("updates-in-time", tile(names, clocks, "Updates in time, in the chosen time", judged, met, whole)),
        ("updates-each", tile(names, clocks, "Updates per incident, in the chosen time", kql(UPDATES, JUDGED),
                              PER_INCIDENT, whole)),
        ("longest-gap", tile(names, clocks, "Longest silence, ended in the chosen time", judged,
                             Statistic(operation="max", field=GAP, label="Longest", format=Span()), whole)),
        ("first-word", tile(names, clocks, "First word in time, in the chosen time",
                            kql(AGREED, f'objective : "notify" and {JUDGED}'), met, whole)),
        ("promises-kept", tile(names, "promises", "Promises kept, due in the chosen time", kql(AGREED, ENDED),
                               kept, whole)),
    )  # fmt: skip
    return row_of(tiles, LINKS_ROWS)


def _gaps(names: Names) -> tuple[Panel, ...]:
    stopped = source(names, "clocks-stopped")
    median, tail = (
        Percentile(field=GAP, percentile=50, label="Median", format=Span(), color=Color(color=SKY)),
        Percentile(field=GAP, percentile=95, label="95th percentile", format=Span(), color=Color(color=VERMILLION)),
    )
    longest = Statistic(operation="max", field=GAP, label="Longest", format=Span())
    by_time = Chart(
        title="Time between updates, ended in the chosen time",
        description="Median and 95th percentile on the left; grey, on the right, how many updates they rest on.",
        query=kql(UPDATES, JUDGED),
        layers=(
            Layer(type="bar", data_source=stopped, x=ByTime(field="stopped_at"), axis="y2",
                  y=(Count(label="Updates", format=WHOLE, color=Color(color="#cccccc")),)),
            Layer(type="line", data_source=stopped, x=ByTime(field="stopped_at"), y=(median, tail)),
        ),
    )  # fmt: skip
    by_provider = Table(
        title="Time between updates by provider, ended in the chosen time",
        description="Update clocks that were met or breached.",
        data_source=stopped,
        query=kql(UPDATES, JUDGED),
        rows=(terms("provider", "Provider", 25),),
        metrics=(
            Count(label="Updates", format=WHOLE),
            Statistic(operation="unique_count", field="incident_id", label="Incidents", format=WHOLE),
            PER_INCIDENT,
            median.model_copy(update={"color": None}),
            tail.model_copy(update={"color": None}),
            longest,
            Ratio(label="In time", numerator=Amount(filter=IN_TIME), format=PERCENT),
        ),
    )
    return (
        Panel(id="gaps-by-time", grid=Grid(x=0, y=TOP, w=24, h=11), config=by_time),
        Panel(id="gaps-by-provider", grid=Grid(x=24, y=TOP, w=24, h=11), config=by_provider),
    )


def _silence(names: Names) -> tuple[Panel, ...]:
    overdue = Table(
        title="Updates overdue, now, the longest first",
        description="A click on an id shows its notices.",
        data_source=source(names, "clocks-now"),
        query=kql(UPDATES, 'verdict : "overdue"'),
        rows=(
            terms("source_incident_id", "Incident", 25).model_copy(update={"rank_by": RankByFigure(direction="asc")}),
            terms("provider", "Provider", 1),
            terms("priority", "Priority", 1),
        ),
        metrics=(
            Statistic(operation="min", field="due_at", label="Due"),
            Statistic(operation="max", field="target_s", label="Target", format=Span()),
        ),
    )
    return (
        Panel(id="silence-map", grid=Grid(x=0, y=TOP + 11, w=28, h=12), config=silence_map(names)),
        Panel(id="overdue-updates", grid=Grid(x=28, y=TOP + 11, w=20, h=12), config=overdue,
              drilldowns=(to_notices(view_id(names, "notices")),)),
    )  # fmt: skip


def _words(names: Names) -> tuple[Panel, ...]:
    """First words, promises, and by which channels people spoke."""
    first = Table(
        title="First word and acknowledgement, in the chosen time",
        description="From the start of the incident, agreed basis.",
        data_source=source(names, "clocks-stopped"),
        query=kql(AGREED, f'objective : ("notify" or "acknowledge") and {JUDGED}'),
        rows=(terms("provider", "Provider", 25, by_name=True), terms("objective", "Objective", 2, by_name=True)),
        metrics=(
            Count(label="n", format=WHOLE),
            Percentile(field=GAP, percentile=50, label="Median", format=Span()),
            Percentile(field=GAP, percentile=95, label="95th perc.", format=Span()),
            Count(label="Breached", filter=kql('verdict : "breached"'), format=WHOLE),
        ),
    )
    promises = Chart(
        title="Promises by what came of them, due in the chosen time",
        description="Times that providers named for the next word or for restoration; agreed basis.",
        query=kql(AGREED),
        layers=(
            Layer(
                type="bar_horizontal_stacked",
                data_source=source(names, "promises"),
                x=terms("provider", "Provider", 15),
                y=(Count(label="Promises", format=WHOLE),),
                breakdown_by=terms("keeping", "What came of it", 6, by_name=True, colors=KEEPINGS),
            ),
        ),
    )
    channels = Chart(
        title="Contacts by channel and direction, in the chosen time",
        description="The communication log: calls, mails, chats, meetings and replies to pages.",
        query=ALL,
        layers=(
            Layer(
                type="bar_horizontal_stacked",
                data_source=source(names, "communications"),
                x=terms("channel", "Channel", 10),
                y=(Count(label="Contacts", format=WHOLE),),
                breakdown_by=terms("direction", "Direction", 4, by_name=True),
            ),
        ),
    )
    row = TOP + 23
    return (
        Panel(id="first-words", grid=Grid(x=0, y=row, w=20, h=11), config=first),
        Panel(id="promises-by-keeping", grid=Grid(x=20, y=row, w=14, h=11), config=promises),
        Panel(id="contacts-by-channel", grid=Grid(x=34, y=row, w=14, h=11), config=channels),
    )
