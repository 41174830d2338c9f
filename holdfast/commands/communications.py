"""``holdfast communications``: the log of contacts, and notes put into it. IO: Elasticsearch, Kafka, files."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from holdfast.commands._groups import LISTING, ListsByDefault
from holdfast.commands._index import put_on_record
from holdfast.commands._options import AnyIncident, Json
from holdfast.commands._tables import moment, row, show, table
from holdfast.commands.incidents import index_of

if TYPE_CHECKING:
    from board.contacts import Log
    from holdfast.settings import Settings
    from models.communication import Communication
    from models.reply_latency import Lengths

ATTACHMENT_BYTES = 50 * 1024 * 1024
"""Largest document that is read for its digest."""
KINDS = "call, mail, chat, meeting or other"
DIRECTIONS = "to_provider, from_provider, both or internal"

At = Annotated[str | None, typer.Option(help="When it took place (RFC 3339); default: now.")]
Until = Annotated[str | None, typer.Option(help="When it ended (RFC 3339).")]
Text = Annotated[str | None, typer.Option(help="What was said.")]
Subject = Annotated[str | None, typer.Option(help="What it was about, in a line.")]
Attach = Annotated[
    Path | None, typer.Option(exists=True, dir_okay=False, help="A document that came with it: its digest is kept.")
]
By = Annotated[str, typer.Option(help="Contact id of who puts it down.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="The log of every contact with a provider, and notes for it.", cls=ListsByDefault)
    group.command(LISTING)(listed)
    group.command("add")(add)
    group.command("correct")(correct)
    app.add_typer(group, name="communications")


def listed(
    incident: AnyIncident = None,
    provider: Annotated[str | None, typer.Option(help="All contacts with this provider.")] = None,
    since: Annotated[str | None, typer.Option(help="From this instant on (RFC 3339).")] = None,
    until: Annotated[str | None, typer.Option(help="Before this instant (RFC 3339).")] = None,
    local: Annotated[bool, typer.Option("--local", help="Times of this machine's zone instead of UTC.")] = False,
    as_json: Json = False,
) -> None:
    """List contacts, the earliest first, with how soon they were answered; with --json one object."""
    from board.contacts import Wanted, incident_log, provider_log
    from holdfast.commands._payloads import instant_option
    from holdfast.settings import load

    if (incident is None) == (provider is None):
        raise typer.BadParameter("give an incident, or --provider ID")
    if incident is not None and (since or until):
        raise typer.BadParameter("--since and --until go with --provider")
    settings = load()
    now = settings.clock.now()
    with index_of(settings) as store:
        if incident is not None:
            dossier = store.dossier(store.resolve(incident))
            log, name = incident_log(store, dossier, store.notices(dossier.incident), now), incident
        else:
            wanted = Wanted(str(provider), since=instant_option(since), until=instant_option(until))
            log, name = provider_log(store, wanted, now), str(provider)
    if as_json:
        typer.echo(orjson.dumps(log.to_json()).decode())
    else:
        show(_table(log, name, local=local), *_figures(log))


def add(
    provider: Annotated[str, typer.Option(help="With which provider.")],
    kind: Annotated[str, typer.Option(help=f"What it was: {KINDS}.")],
    direction: Annotated[str, typer.Option(help=f"Whose word it mainly was: {DIRECTIONS}.")],
    by: By,
    people: Annotated[list[str], typer.Option("--with", help="Contact id of who took part; more than once.")],
    channel: Annotated[str, typer.Option(help="By what, such as phone, email, room.")],
    incident: Annotated[list[str] | None, typer.Option(help="Incident that it was about; more than once.")] = None,
    at: At = None,
    until: Until = None,
    text: Text = None,
    subject: Subject = None,
    attach: Attach = None,
    as_json: Json = False,
) -> None:
    """Put a call, a mail, a chat or a meeting into the log."""
    from holdfast.commands._payloads import instant_option
    from holdfast.settings import load
    from models.noting import Note, communication_of

    settings = load()
    fields = {
        "provider": provider, "incident_ids": _incident_ids(settings, incident or []), "kind": kind,
        "direction": direction, "channel": channel, "people": people, "by": by, "text": text, "subject": subject,
        "happened_at": instant_option(at), "ended_at": instant_option(until), **_attached(attach),
    }  # fmt: skip
    with _usage():
        noted = communication_of(Note.model_validate(fields), settings.clock.now())
    _publish(settings, noted, as_json=as_json)


def correct(
    communication: Annotated[str, typer.Argument(metavar="ID", help="Id of the contact, as the log lists it.")],
    by: By,
    at: At = None,
    until: Until = None,
    text: Text = None,
    subject: Subject = None,
    attach: Attach = None,
    as_json: Json = False,
) -> None:
    """Correct a contact of the log: the new one counts, the old one stays and says so."""
    from holdfast.commands._payloads import instant_option
    from holdfast.settings import load
    from models.noting import communication_of, corrected_note

    settings = load()
    with index_of(settings) as store:
        known = store.communication_like(communication)
    if known is None:
        typer.echo(f"no contact has the id {communication!r}; `holdfast communications list` shows ids", err=True)
        raise typer.Exit(1)
    told = {"happened_at": instant_option(at), "ended_at": instant_option(until), "text": text, "subject": subject}
    changes = {name: value for name, value in {**told, **_attached(attach)}.items() if value is not None}
    if not changes:
        raise typer.BadParameter("say what is corrected: --at, --until, --text, --subject or --attach")
    with _usage():
        note = corrected_note(known, changes, by)
        corrected = communication_of(note, settings.clock.now(), None if "happened_at" in changes else known.clock)
    _publish(settings, corrected, as_json=as_json)


def _incident_ids(settings: "Settings", names: list[str]) -> list[str]:
    """Return the incidents' ids; without names the index is not asked, so that notes can be taken while it is down."""
    if not names:
        return []
    with index_of(settings) as store:
        return [store.resolve(name).incident_id for name in names]


def _attached(path: Path | None) -> dict[str, Any]:
    """Return the digest and the name of a document; its bytes stay where they are."""
    if path is None:
        return {}
    if path.stat().st_size > ATTACHMENT_BYTES:
        raise typer.BadParameter(f"{path.name} is larger than {ATTACHMENT_BYTES // 1024**2} MB")
    return {"attachment_digest": sha256(path.read_bytes()).hexdigest(), "attachment_name": path.name}


@contextmanager
def _usage() -> Iterator[None]:
    """Turn what can't be put down as it is into words on stderr and exit code 2."""
    from pydantic import ValidationError

    from models.noting import NoteError, in_words

    try:
        yield
    except (ValidationError, NoteError) as error:
        typer.echo(in_words(error), err=True)
        raise typer.Exit(2) from error


def _publish(settings: "Settings", noted: "Communication", *, as_json: bool) -> None:
    """Put the contact on the stream, and say under which id it stands."""
    put_on_record(settings, noted)
    typer.echo(noted.to_wire().decode() if as_json else f"noted as {noted.communication_id}")


def _table(log: "Log", name: str, *, local: bool) -> Any:
    columns = ("When", "Clock", "What", "Direction", "Who", "Identity", "Id", "")
    listing = table(f"Contacts: {name} ({'local time' if local else 'UTC'})", *columns)
    for one in log.entries:
        at = one.at.astimezone() if local else one.at
        words = f"corrected by {one.corrected_by[:8]}: {one.words}" if one.corrected_by else one.words
        row(
            listing, moment(at), one.clock, f"{one.what} {one.mark}"[:40], one.direction, ", ".join(one.people),
            one.identity or "-", one.document_id[:8], words,
        )  # fmt: skip
    return listing


def _figures(log: "Log") -> list[str]:
    """Return the figures in words."""
    from models.paging import Side

    told = log.summary
    lines = [f"{side.value} answers pages: {_lengths(told.reply_lengths(side))}" for side in Side]
    lines.append(f"provider's updates come: {_lengths(told.gap_lengths)}")
    if told.longest_silence_s is not None:
        lines.append(f"longest silence: {_length(told.longest_silence_s)}")
    lines += [
        f"unanswered: page {one.page_id[:8]} to {one.recipient}, since {moment(one.sent_at)}" for one in told.unanswered
    ]
    return lines


def _lengths(found: "Lengths") -> str:
    if not found.n and not found.open:
        return "none"
    if found.median_s is None or found.p90_s is None:
        return f"n {found.n}, open {found.open}: not enough data"
    return f"n {found.n}, median {_length(found.median_s)}, p90 {_length(found.p90_s)}, open {found.open}"


def _length(seconds: float) -> str:
    from datetime import timedelta

    from models.lengths import length

    return length(timedelta(seconds=seconds))
