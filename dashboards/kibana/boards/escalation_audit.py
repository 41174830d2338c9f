"""The *Escalation audit* board: who was paged when and why, how late, what got through, and who reacted. Pure.

Pages, plans, attempts and answers have the provider in common and nothing else, so that is what narrows them.
"""

from dashboards.kibana.colors import LOST, MET, OUTCOMES, OVERDUE
from dashboards.kibana.common import (
    LINKS_ROWS,
    LOST_ATTEMPT,
    board_id,
    common_controls,
    kql,
    links_row,
    source,
    terms,
    title_of,
)
from dashboards.kibana.models import (
    WHOLE,
    ByFilters,
    ByTime,
    Chart,
    Count,
    Dashboard,
    Documents,
    Figure,
    Grid,
    Headline,
    Layer,
    Metric,
    Named,
    Number,
    Panel,
    Percentile,
    Sort,
    Span,
    Statistic,
    Table,
    ToDashboard,
    by_value,
    to_incident_page,
)
from models.topics import Names

LATE_S = 60
"""A page that was issued later than this after its computed instant was late."""
LATE = f"late_s > {LATE_S}"
FINAL = 'outcome : ("sent" or "failed" or "unknown" or "bundled")'
ANSWERED = 'kind : "reply"'
SUPPRESSED = 'rungs : { state : "suppressed" }'
PAGES = Count(label="Pages", format=WHOLE)
INCIDENTS = Statistic(operation="unique_count", field="incident_id", label="Incidents", format=WHOLE)
ROW = LINKS_ROWS + 5
"""First row below the headlines."""


def escalation_audit(names: Names) -> Dashboard:
    """Return the dashboard of one installation. Same names, same dashboard."""
    return Dashboard(
        id=board_id(names, "escalation-audit"),
        title=title_of(names, "escalation-audit"),
        description="Pages by rung and side, lateness, deliveries and their proof, answers, and what was held back.",
        time_from="now-30d",
        refresh_s=0,
        controls=common_controls(names, "pages", "provider"),
        panels=(
            links_row(names),
            *_headlines(names),
            *_rungs(names),
            *_people(names),
            *_delivered(names),
            *_held(names),
        ),
    )


def _headlines(names: Names) -> tuple[Panel, ...]:
    """Six figures in a row."""
    tiles: tuple[tuple[str, str, str, str, Figure, Figure], ...] = (
        ("pages", "Pages issued, in the chosen time", "pages", "", PAGES,
         INCIDENTS.model_copy(update={"label": "incidents"})),
        ("late", f"Pages later than {LATE_S} s, in the chosen time", "pages", "",
         Count(label="Late", filter=kql(LATE), format=WHOLE, color=by_value(MET, (1, OVERDUE))),
         Percentile(field="late_s", percentile=99, label="99th percentile of all", format=Span())),
        ("repeated", "Repetitions, in the chosen time", "pages", "",
         Count(label="Repeated", filter=kql("loop >= 1"), format=WHOLE), Count(label="of so many pages", format=WHOLE)),
        ("lost", "Attempts that failed, in the chosen time", "deliveries", FINAL,
         Count(label="Failed or unknown", filter=kql(LOST_ATTEMPT), format=WHOLE, color=by_value(MET, (1, LOST))),
         Count(label="attempts that ended", format=WHOLE)),
        ("answers", "Answers to pages, in the chosen time", "communications", ANSWERED,
         Count(label="Answers", format=WHOLE),
         Statistic(operation="unique_count", field="page_id", label="pages answered", format=WHOLE)),
        ("held-back", "Plans with a page held back, now", "plans-now", "",
         Count(label="Plans", filter=kql(SUPPRESSED), format=WHOLE), Count(label="of so many", format=WHOLE)),
    )  # fmt: skip
    return tuple(
        Panel(
            id=own,
            grid=Grid(x=8 * position, y=LINKS_ROWS, w=8, h=5),
            config=Metric(
                title=title,
                description=query or "Everything on record.",
                data_source=source(names, view),
                query=kql(query),
                headlines=(Headline(figure=first), Headline(figure=second, primary=False)),
            ),
        )
        for position, (own, title, view, query, first, second) in enumerate(tiles)
    )


def _rungs(names: Names) -> tuple[Panel, ...]:
    """How far up the ladders it went."""
    steps = ByFilters(
        label="Rung",
        filters=tuple(
            Named(label=f"{side}, rung {rung}" + (" and above" if mark == ">=" else ""),
                  filter=kql(f'side : "{side}"', f"rung {mark} {rung}"))
            for side in ("customer", "provider")
            for rung, mark in ((0, ":"), (1, ":"), (2, ">="))
        ),
    )  # fmt: skip
    chart = Chart(
        title="Pages by side and rung, in the chosen time",
        description="Customer is our side. Rungs count from 0; on a high one somebody below kept silent.",
        layers=(
            Layer(type="bar_stacked", data_source=source(names, "pages"),
                  x=ByTime(field="due_at", suggested_interval="1d"), y=(PAGES,), breakdown_by=steps),
        ),
    )  # fmt: skip
    return (Panel(id="by-rung", grid=Grid(x=0, y=ROW, w=48, h=9), config=chart),)


def _people(names: Names) -> tuple[Panel, ...]:
    """Who was told, and who said something."""
    paged = Table(
        title="Who was paged, in the chosen time",
        description="Late is from the computed instant of the rung to the page.",
        data_source=source(names, "pages"),
        rows=(terms("recipient_name", "Who", 20), terms("side", "Side", 2)),
        metrics=(
            PAGES,
            INCIDENTS,
            Statistic(operation="max", field="rung", label="Highest rung", format=WHOLE),
            Percentile(field="late_s", percentile=90, label="Late, 90th percentile", format=Span()),
            Statistic(operation="max", field="late_s", label="Late, worst", format=Span()),
        ),
    )
    reacted = Table(
        title="Who reacted, in the chosen time",
        description="Answers by link, mail or button. A contact of the provider is named by its id.",
        data_source=source(names, "communications"),
        query=kql(ANSWERED),
        rows=(terms("people", "Who", 20), terms("channel", "By", 5)),
        metrics=(
            Count(label="Answers", format=WHOLE),
            Statistic(operation="unique_count", field="page_id", label="Pages", format=WHOLE),
            Statistic(operation="max", field="happened_at", label="Last"),
        ),
    )
    reasons = Table(
        title="Why somebody was paged, in the chosen time",
        description="The condition of the rung, with the incident of most pages under it.",
        data_source=source(names, "pages"),
        rows=(terms("reason.keyword", "Why", 12), terms("incident_id", "Incident", 1)),
        metrics=(PAGES, Statistic(operation="min", field="due_at", label="First"),
                 Statistic(operation="max", field="due_at", label="Last")),
    )  # fmt: skip
    ways = (
        to_incident_page(),
        ToDashboard(dashboard_id=board_id(names, "postmortem-timeline"), label="Postmortem timeline"),
    )
    return (
        Panel(id="paged", grid=Grid(x=0, y=ROW + 9, w=18, h=11), config=paged),
        Panel(id="reacted", grid=Grid(x=18, y=ROW + 9, w=13, h=11), config=reacted),
        Panel(id="reasons", grid=Grid(x=31, y=ROW + 9, w=17, h=11), config=reasons, drilldowns=ways),
    )


def _delivered(names: Names) -> tuple[Panel, ...]:
    """What got through, and what proves it."""
    channels = Table(
        title="Attempts by channel and outcome, in the chosen time",
        description="Proof is what the receiver gave for it: a mail server's reply, a message id, a key.",
        data_source=source(names, "deliveries"),
        query=kql(FINAL),
        rows=(terms("channel", "Channel", 9), terms("outcome", "Outcome", 5, by_name=True, colors=OUTCOMES)),
        metrics=(
            Count(label="Attempts", format=WHOLE),
            Count(label="with proof", filter=kql("proof : *"), format=WHOLE),
            Statistic(operation="median", field="latency_ms", label="Median, ms", format=Number()),
            Percentile(field="latency_ms", percentile=95, label="95th percentile, ms", format=Number()),
            Statistic(operation="max", field="attempt", label="Most attempts", format=WHOLE),
        ),
    )
    lost = Documents(
        title="Attempts that failed or whose outcome is unknown, in the chosen time",
        description="The last first, with what the receiver answered.",
        data_source=source(names, "deliveries"),
        query=kql(LOST_ATTEMPT),
        columns=("finished_at", "provider", "recipient", "channel", "attempt", "outcome", "status_code", "error"),
        sort=(Sort(name="finished_at"),),
    )
    late = Documents(
        title=f"Pages later than {LATE_S} s, in the chosen time",
        description="The latest first: from the computed instant of the rung to the page.",
        data_source=source(names, "pages"),
        query=kql(LATE),
        columns=("late_s", "due_at", "issued_at", "provider", "source_incident_id", "recipient_name", "side", "rung",
                 "policy", "policy_version"),
        sort=(Sort(name="late_s"), Sort(name="due_at")),
    )  # fmt: skip
    return (
        Panel(id="channels", grid=Grid(x=0, y=ROW + 20, w=24, h=10), config=channels),
        Panel(id="lost-attempts", grid=Grid(x=24, y=ROW + 20, w=24, h=10), config=lost),
        Panel(id="late-pages", grid=Grid(x=0, y=ROW + 30, w=48, h=8), config=late),
    )


def _held(names: Names) -> tuple[Panel, ...]:
    """By which policy, and what was not told."""
    held = Table(
        title="Plans with a page held back, by the reasons that they give, now",
        description="A plan gives a reason for each rung that was held back, withdrawn or reached by silence.",
        data_source=source(names, "plans-now"),
        query=kql(SUPPRESSED),
        rows=(terms("rungs.reason.keyword", "Reason", 15), terms("provider", "Provider", 5)),
        metrics=(Count(label="Plans", format=WHOLE), Statistic(operation="max", field="started_at", label="Last")),
    )
    versions = Table(
        title="Policies and their versions, in the chosen time",
        description="By which version each page was decided. An incident keeps the version that it began under.",
        data_source=source(names, "pages"),
        rows=(terms("policy", "Policy", 20), terms("policy_version", "Version", 5)),
        metrics=(PAGES, INCIDENTS, Statistic(operation="min", field="due_at", label="From"),
                 Statistic(operation="max", field="due_at", label="To")),
    )  # fmt: skip
    return (
        Panel(id="held", grid=Grid(x=0, y=ROW + 38, w=24, h=10), config=held),
        Panel(id="policies", grid=Grid(x=24, y=ROW + 38, w=24, h=10), config=versions),
    )
