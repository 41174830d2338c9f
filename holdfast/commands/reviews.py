"""``holdfast reviews``: which are due or missed, their agenda, their minutes and actions. IO: Elasticsearch, Kafka."""

import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from holdfast.commands._options import AnyProvider, AsOf, Json

if TYPE_CHECKING:
    from holdfast.commands._index import Reading
    from models.meetings import Action, Minutes
    from models.reviews import Review

MINUTES_BYTES = 1024 * 1024
"""Of a file of minutes."""

DocumentsDirectory = Annotated[
    Path | None,
    typer.Option("--documents", exists=True, help="Directory of documents; else those published with apply."),
]
OneProvider = Annotated[str, typer.Option(help="Id of the provider.")]
OneAgreement = Annotated[str | None, typer.Option(help="Id of the agreement, where the provider has several.")]
PeriodName = Annotated[
    str | None,
    typer.Option(help="2026-05, 2026-Q2, 2026-W19 or 2026; default: the latest that is over and was not reviewed."),
]
By = Annotated[str, typer.Option(help="Contact id of who records it.")]
Held = Annotated[str | None, typer.Option("--at", help="When it was held (RFC 3339); default: now.")]
Markdown = Annotated[bool, typer.Option("--markdown", help="Markdown, to send round.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, help="Regular reviews with providers: due, agenda, minutes, actions.")
    group.command("list")(list_)
    group.command("agenda")(agenda_)
    group.command("hold")(hold)
    group.command("actions")(actions_)
    group.command("done")(done)
    app.add_typer(group, name="reviews")


def list_(
    provider: AnyProvider = None, documents: DocumentsDirectory = None, as_of: AsOf = None, as_json: Json = False
) -> None:
    """List the reviews that agreements ask for; exit 1 if one was missed. With --json one object a line."""
    from board.reviewing import Asked, listed
    from holdfast.commands._index import reading
    from models.reviews import missed

    with reading(documents) as read:
        found = listed(read.store, read.documents, Asked(provider), _now(read, as_of))
    if as_json:
        for one in found:
            typer.echo(orjson.dumps(one.line()))
    else:
        _show_reviews(found)
    if missed(found):
        raise typer.Exit(1)


def agenda_(
    provider: OneProvider,
    period: PeriodName = None,
    agreement: OneAgreement = None,
    documents: DocumentsDirectory = None,
    as_of: AsOf = None,
    as_json: Json = False,
    as_markdown: Markdown = False,
) -> None:
    """Show the open points of a review, each with whose it is; with --json one object an agreement, with evidence."""
    from board.reviewing import Asked, agendas
    from holdfast.commands._index import reading
    from models.summing_up import agenda_sections, agenda_title, markdown, plain

    with reading(documents) as read:
        found = agendas(read.store, read.documents, Asked(provider, agreement, period), _now(read, as_of))
    for one in found:
        if as_json:
            typer.echo(orjson.dumps(one.line()))
        else:
            typer.echo((markdown if as_markdown else plain)(agenda_title(one), agenda_sections(one)))


def hold(
    provider: OneProvider,
    present: Annotated[list[str], typer.Option(help="Contact id of who was there, the chair first; more than once.")],
    by: By,
    minutes: Annotated[Path, typer.Option(allow_dash=True, help="File with the minutes, or - for stdin.")],
    agreement: OneAgreement = None,
    period: PeriodName = None,
    decision: Annotated[list[str] | None, typer.Option(help="What was decided; more than once.")] = None,
    action: Annotated[
        list[str] | None, typer.Option(help='"OWNER: what is to be done by 2026-06-01"; more than once.')
    ] = None,
    at: Held = None,
    channel: Annotated[str, typer.Option(help="How they met, such as room, phone or video.")] = "meeting",
    corrects: Annotated[str | None, typer.Option(help="Id of the minutes that these replace.")] = None,
    documents: DocumentsDirectory = None,
    as_json: Json = False,
) -> None:
    """Put the minutes of a review on record: that it was held, by whom, what was decided and who does what."""
    from board.reviewing import Asked, contacts_of, owed_review
    from holdfast.commands._index import put_on_record, reading
    from holdfast.commands._payloads import instant_option
    from models.meetings import Minutes, read_action, record

    text, held_at = _text(minutes), instant_option(at)
    with reading(documents) as read:
        now = read.settings.clock.now()
        review = owed_review(read.documents, Asked(provider, agreement, period), now)
        owed = review.owed
        key = (provider, owed.agreement.id, owed.period.name)
        items = tuple(read_action(one, key) for one in action or ())
        told = Minutes(
            provider, owed.agreement.id, owed.period, tuple(present), by, text, held_at or now,
            tuple(decision or ()), items, channel, corrects,
        )  # fmt: skip
        communication = record(told, contacts_of(read.documents, provider), now)
    put_on_record(read.settings, communication)
    _tell_held(communication.communication_id, told, as_json=as_json)
    _warn(review, told)


def actions_(
    only_open: Annotated[bool, typer.Option("--open", help="Only what nobody recorded as done.")] = False,
    provider: AnyProvider = None,
    documents: DocumentsDirectory = None,
    as_json: Json = False,
) -> None:
    """List what was undertaken in meetings, the first to fall due first; with --json one object a line."""
    from holdfast.commands._index import reading
    from models.meetings import actions

    with reading(documents) as read:
        now = read.settings.clock.now()
        found = [one for one in actions(read.store.communications(provider=provider)) if one.is_open or not only_open]
    if as_json:
        for one in found:
            typer.echo(orjson.dumps(action_line(one, now)))
    elif found:
        _show_actions(found, now)
    else:
        typer.echo("no open action" if only_open else "no action")


def done(
    action_id: Annotated[str, typer.Argument(metavar="ACTION_ID", help="Id of the action, or its beginning.")],
    by: By,
    on: Annotated[
        str | None, typer.Option(help="Day on which it was done, such as 2026-06-01; default: today.")
    ] = None,
    documents: DocumentsDirectory = None,
) -> None:
    """Record that an action is done."""
    from board.reviewing import contacts_of, found_action
    from holdfast.commands._index import put_on_record, reading
    from models.meetings import MeetingError, record_done

    with reading(documents) as read:
        now = read.settings.clock.now()
        meant = found_action(read.store.communications(), action_id)
        if by not in contacts_of(read.documents, meant.provider):
            raise MeetingError(f"no contact {by!r} of provider {meant.provider}")
        day = _day(on, now)
    put_on_record(read.settings, record_done(meant, by, day, now))
    typer.echo(f"done on {day}: {meant.detail.text}")


def action_line(one: "Action", now: datetime) -> dict[str, object]:
    """Return the object of ``holdfast reviews actions --json``: its keys are part of the interface."""
    from models.instants import format_instant

    return {
        **one.detail.model_dump(mode="json"),
        "provider": one.provider,
        "agreement": one.agreement,
        "raised_at": format_instant(one.raised_at),
        "communication_id": one.communication_id,
        "is_overdue": one.is_overdue(now),
    }


def _now(read: "Reading", as_of: str | None) -> datetime:
    from holdfast.commands._payloads import instant_option

    return instant_option(as_of) or read.settings.clock.now()


def _text(path: Path) -> str:
    """Read minutes; at most ``MINUTES_BYTES`` of UTF-8."""
    try:
        if str(path) == "-":
            body = sys.stdin.buffer.read(MINUTES_BYTES + 1)
        else:
            with path.open("rb") as file:
                body = file.read(MINUTES_BYTES + 1)
        text = body.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"the minutes can't be read as UTF-8 text: {error}") from error
    if len(body) > MINUTES_BYTES or not text.strip():
        raise typer.BadParameter(f"minutes are a text of at most {MINUTES_BYTES} bytes, and not empty")
    return text.strip()


def _day(text: str | None, now: datetime) -> date:
    try:
        return now.date() if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no date: write one such as 2026-06-01") from error


def _tell_held(communication_id: str, told: "Minutes", *, as_json: bool) -> None:
    from holdfast.commands._payloads import counted

    kept = [one.model_dump(mode="json") for one in told.actions]
    if as_json:
        typer.echo(orjson.dumps({"communication_id": communication_id, "period": told.period.name, "actions": kept}))
        return
    typer.echo(
        f"on record: review of {told.agreement}, {told.period.name}, with {counted(len(told.decisions), 'decision')} "
        f"and {counted(len(kept), 'action')}; id {communication_id}"
    )


def _warn(review: "Review", told: "Minutes") -> None:
    """Say on stderr who was to hold it and was not there."""
    away = [name for name in review.owed.spec.owners if name not in told.present]
    if away:
        typer.echo(f"not there, though owners of the review: {', '.join(away)}", err=True)


def _show_reviews(found: "tuple[Review, ...]") -> None:
    from rich.table import Table
    from rich.text import Text

    from holdfast.commands._asking import console
    from holdfast.commands._payloads import counted

    if not found:
        typer.echo("no agreement asks for a review; the key `review` does")
        return
    table = Table(title=f"{counted(len(found), 'review')} (times UTC)", title_justify="left")
    for name in ("Provider", "Agreement", "Period", "State", "Until", "Why"):
        table.add_column(name, overflow="fold")
    marks = {"missed": "red", "due": "yellow", "held": "green"}
    for one in found:
        owed, state = one.owed, one.state.value
        table.add_row(
            Text(owed.agreement.provider), Text(owed.agreement.id), owed.period.name,
            Text(state, style=marks.get(state, "")), f"{owed.due_at:%Y-%m-%d %H:%M}", Text(one.reason),
        )  # fmt: skip
    console().print(table)


def _show_actions(found: "list[Action]", now: datetime) -> None:
    from rich.table import Table
    from rich.text import Text

    from holdfast.commands._asking import console
    from models.summing_up import CONTROL

    table = Table(title_justify="left")
    for name in ("Id", "Provider", "Owner", "Until", "State", "What"):
        table.add_column(name, overflow="fold")
    for one in found:
        state = "overdue" if one.is_overdue(now) else "open" if one.is_open else f"done {one.detail.done_on}"
        table.add_row(
            one.detail.action_id[:8], Text(one.provider), Text(one.detail.owner),
            str(one.detail.due_on or "-"), state, Text(one.detail.text.translate(CONTROL)),
        )  # fmt: skip
    console().print(table)
