"""``holdfast incidents``, ``incident`` and ``timeline``: what the index knows, on the terminal. IO: Elasticsearch."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from holdfast.commands._options import AnyProvider, Json
from holdfast.commands._tables import mark, moment, printable, row, show, table

if TYPE_CHECKING:
    from datetime import datetime

    from board.state import Dossier
    from board.store_history import HistoryStore
    from holdfast.settings import Settings
    from models.records import IncidentDocument

IncidentId = Annotated[
    str, typer.Argument(metavar="ID", help="Incident id, the source's own id, or a unique beginning of either.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("incidents")(incidents)
    app.command("incident")(incident)
    app.command("timeline")(timeline)


def incidents(
    every: Annotated[bool, typer.Option("--all", help="Ended incidents too.")] = False,
    provider: AnyProvider = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the latest start first.")] = 200,
    as_json: Json = False,
) -> None:
    """List open incidents; with --json one object a line."""
    settings = _settings()
    with index_of(settings) as store:
        found = store.incidents(every=every, provider=provider, limit=limit)
    if as_json:
        for one in found:
            typer.echo(one.to_wire().decode())
    elif found:
        show(_incident_table(found, settings.clock.now()))
    else:
        typer.echo("no incident" if every else "no open incident; --all lists ended ones too")


def incident(incident_id: IncidentId, as_json: Json = False) -> None:
    """Show one incident: its clocks on three bases, its pages and what comes next."""
    settings = _settings()
    with index_of(settings) as store:
        dossier = store.dossier(store.resolve(incident_id))
    if as_json:
        import orjson

        from board.api import dossier_json

        typer.echo(orjson.dumps(dossier_json(dossier)).decode())
        return
    show(*_dossier_tables(dossier, settings.clock.now()))


def timeline(
    incident_id: IncidentId,
    known_at: Annotated[
        str | None, typer.Option(help="Only what was in hand by then (RFC 3339), without verdicts; default: all.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what happened to one incident, the earliest first; with --json one entry a line."""
    import orjson

    from board.timeline import timeline as entries_of
    from holdfast.commands._payloads import instant_option

    settings, limit = _settings(), instant_option(known_at)
    with index_of(settings) as store:
        dossier = store.dossier(store.resolve(incident_id))
        entries = entries_of(dossier, store.notices(dossier.incident), limit)
    if as_json:
        for entry in entries:
            typer.echo(orjson.dumps(entry.to_document()).decode())
        return
    listed = table(f"{dossier.incident.title or dossier.incident.source_incident_id} (UTC)", "When", "What", "Who", "")
    for entry in entries:
        row(listed, moment(entry.at), mark(entry.mark), entry.who, entry.text)
    show(listed)


def _settings() -> "Settings":
    from holdfast.settings import load

    return load()


@contextmanager
def index_of(settings: "Settings") -> Iterator["HistoryStore"]:
    """Yield the index; what it can't answer ends the command with the next step on stderr."""
    from board.store import AmbiguousIncidentError, StoreError, UnknownIncidentError
    from board.store_history import HistoryStore
    from holdfast import kafka, search

    with search.client(settings) as client:
        try:
            yield HistoryStore(client, kafka.names(settings))
        except StoreError as error:
            typer.echo(
                f"{error}; looked at {settings.elasticsearch}\n"
                "Next step: `holdfast up` starts one on this machine; HOLDFAST_ELASTICSEARCH names another",
                err=True,
            )
            raise typer.Exit(1) from error
        except (UnknownIncidentError, AmbiguousIncidentError) as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from error


def _incident_table(found: list["IncidentDocument"], now: "datetime") -> Any:
    from board.render import span
    from holdfast.commands._payloads import counted

    listed = table(
        f"{counted(len(found), 'incident')} (times UTC)", "Id", "Pri", "Provider", "Status", "Since", "Lasts", "Title"
    )
    for one in found:
        ended = _ended(one, now)
        row(
            listed, one.incident_id[:8], one.priority or "-", one.provider, one.status.value, moment(one.started_at),
            "unknown" if ended is None else span(ended - one.started_at), one.title or one.source_incident_id,
        )  # fmt: skip
    return listed


def _ended(one: "IncidentDocument", now: "datetime") -> "datetime | None":
    """Return until when an incident counts as lasting: now while it is open; None where nobody told its end."""
    from models.records import IncidentStatus

    if one.status is IncidentStatus.OPEN:
        return now
    return one.restored_at or one.resolved_at or (now if one.status is IncidentStatus.RESTORED else None)


def _dossier_tables(dossier: "Dossier", now: "datetime") -> Iterator[Any]:
    from rich.text import Text

    from board.paging import next_page, page_views
    from board.render import OUTCOME_WORDS

    one = dossier.incident
    yield Text(printable(one.title or one.source_incident_id), style="bold")
    services, priority = ", ".join(one.services), one.priority or "no priority"
    agreement = f"{one.agreement} {one.agreement_version}" if one.agreement else "none"
    yield Text(
        f"{one.provider} {services} · {priority} · {one.status.value}, {one.phase} · since {moment(one.started_at)}"
        f" · revision {one.revision}"
    )
    yield Text(f"id {one.incident_id} · source {one.source} {one.source_incident_id} · agreement {agreement}")
    yield _clock_table(dossier)
    pages = table("Pages", "Due", "Who", "By", "Outcome", "Why")
    views = page_views(dossier.pages, dossier.deliveries)
    for view in sorted(views, key=lambda view: (view.due_at, view.recipient, view.channel)):
        outcome = OUTCOME_WORDS[view.outcome] + (f", attempt {view.attempt}" if view.attempt > 1 else "")
        row(pages, moment(view.due_at), f"{view.recipient} ({view.side.value})", view.channel, outcome, view.reason)
    yield pages if dossier.pages else Text("nobody paged")
    coming = next_page(dossier.plan, now)
    if one.merged_into is not None:
        yield Text(f"told under incident {one.merged_into}: nobody is paged of this one any more")
    elif coming is not None:
        yield Text(f"next page {moment(coming.due_at)}: {', '.join(coming.recipients)} ({coming.condition})")


def _clock_table(dossier: "Dossier") -> Any:
    """One line per objective: the agreed clock, and the verdicts on the two other bases."""
    from board.render import apart, span
    from board.standing import judge_all

    listed = table("Clocks (times UTC)", "Objective", "Target", "Due", "Agreed", "Claimed", "Observed", "Took", "")
    for judged in judge_all(dossier.clocks):
        clock = judged.agreed
        took = "-" if clock.elapsed_min_s is None else span(clock.elapsed_min_s)
        if clock.elapsed_max_s != clock.elapsed_min_s:
            took += f" to {'?' if clock.elapsed_max_s is None else span(clock.elapsed_max_s)}"
        other = [mark(one.verdict.value) if one is not None else "-" for one in (judged.claimed, judged.observed)]
        why = ", ".join(part for part in (clock.reason, apart(judged.apart_s)) if part and part != "as claimed")
        name = clock.objective.value + (f" {clock.ordinal + 1}" if clock.ordinal else "")
        due = moment(clock.due_at) if clock.due_at else "-"
        row(listed, name, span(clock.target_s), due, mark(clock.verdict.value), *other, took, why)
    return listed
