"""``holdfast promises``: what providers promised and what came of it. IO: Elasticsearch, Kafka, files."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import orjson
import typer

from holdfast.commands._groups import LISTING, ListsByDefault
from holdfast.commands._index import send_raw
from holdfast.commands._options import (
    AnyIncident,
    AsOf,
    Decisions,
    FeedId,
    FeedTimezone,
    FormatName,
    Json,
    KnownAt,
    Payloads,
    PayloadsOf,
    PublishedDocuments,
    ReceivedAt,
)
from holdfast.commands._payloads import counted
from holdfast.commands._tables import moment, row, show, table
from holdfast.commands.incidents import index_of
from models.lengths import length
from models.promise_lines import promises_of, rates
from models.promises import Keeping
from models.records import Basis

if TYPE_CHECKING:
    from datetime import datetime

    from board.store import Store
    from holdfast.settings import Settings
    from models.documents import Documents
    from models.notice import Notice
    from models.promise_lines import PromiseLine
    from models.records import IncidentDocument

INCIDENTS_AT_MOST = 500


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="What providers promised in words, and what came of it.", cls=ListsByDefault)
    group.command(LISTING)(listed)
    group.command("read")(read)
    group.command("correct")(correct)
    app.add_typer(group, name="promises")


def listed(
    incident: AnyIncident = None,
    provider: Annotated[str | None, typer.Option(help="All promises of this provider.")] = None,
    documents: PublishedDocuments = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """List promises on the agreed basis, the first to fall due first; with --json one object, on all bases."""
    from holdfast.commands._payloads import instant_option
    from holdfast.settings import load

    if (incident is None) == (provider is None):
        raise typer.BadParameter("give an incident, or --provider ID")
    settings = load()
    at = instant_option(as_of) or settings.clock.now()
    known = _documents(settings, documents)
    with index_of(settings) as store:
        found = [store.resolve(incident)] if incident is not None else _of_provider(store, str(provider))
        told = [promises_of(one.incident_id, one.provider, store.notices(one), known, at) for one in found]
    without = sum(one is None for one in told)
    _tell([line for one in told if one is not None for line in one], as_json=as_json)
    if without:
        typer.echo(f"not judged: {counted(without, 'incident')} began while no agreement was in force", err=True)


def read(
    paths: Payloads,
    format_name: FormatName,
    provider: PayloadsOf = None,
    documents: Annotated[
        Path | None, typer.Option(exists=True, help="Directory of documents to judge by; without it nothing is judged.")
    ] = None,
    feed: FeedId = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    feed_timezone: FeedTimezone = None,
    received_at: ReceivedAt = None,
    decisions: Decisions = None,
    sample: Annotated[
        int | None, typer.Option(min=1, help="Without --documents: only so many, evenly spread over time.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Read promises out of payload files; with --documents and --provider say what came of them."""
    from holdfast.commands._asking import Sources, gathered, tell_problems, usage_errors
    from holdfast.commands._payloads import documents_in, existing, format_option, instant_option, zone_option
    from holdfast.measuring import Question
    from holdfast.promising import promise_lines_of
    from holdfast.settings import load

    if (documents is None) != (provider is None):
        raise typer.BadParameter("--documents and --provider go together")
    existing([*paths, *(decisions or ())])
    form, zone, received = format_option(format_name), zone_option(feed_timezone), instant_option(received_at)
    if documents is None or provider is None:
        problems = _only_read(paths, (form, zone, received), sample, as_json=as_json)
    else:
        at, known = instant_option(as_of) or load().clock.now(), instant_option(known_at)
        question = Question(documents_in(documents), provider, form, at, feed, zone, known)
        with usage_errors():
            history = gathered(question, Sources(paths, decisions or (), received))
            _tell(promise_lines_of(question, history), as_json=as_json)
        problems = list(history.problems)
    tell_problems(problems)
    if problems:
        raise typer.Exit(1)


def correct(
    notice: Annotated[str, typer.Argument(metavar="NOTICE", help="Id of the notice, or a unique beginning of it.")],
    by: Annotated[str, typer.Option(help="Contact id of who says so.")],
    at: Annotated[str | None, typer.Option(help="The time that was really promised (RFC 3339).")] = None,
    nothing: Annotated[bool, typer.Option("--none", help="It promises nothing.")] = False,
    of: Annotated[str | None, typer.Option(help="What of: update or restore; default: as it was read.")] = None,
    documents: PublishedDocuments = None,
) -> None:
    """Say what a notice really promised: it counts where we judge, and the original stays visible."""
    from holdfast.commands._payloads import instant_option
    from holdfast.settings import load
    from models.promise_corrections import PromiseCorrection, correction_payload

    if (at is None) != nothing:
        raise typer.BadParameter("give the time with --at, or --none")
    promises: dict[str | None, Literal["update", "restore"] | None]
    promises = {None: None, "update": "update", "restore": "restore"}
    if of not in promises:
        raise typer.BadParameter("--of is update or restore")
    settings = load()
    with index_of(settings) as store:
        known = store.notice(notice)
    if known is None:
        typer.echo(f"no notice has the id {notice!r}; `holdfast promises list` shows ids", err=True)
        raise typer.Exit(1)
    correction = PromiseCorrection(known, instant_option(at), by, promises[of])
    send_raw(settings, correction_payload(correction, _documents(settings, documents), settings.clock.now()))
    typer.echo(f"corrected: what {known.notice_id} of {known.source} promises")


def _only_read(
    paths: list[Path],
    how: "tuple[str, str | None, datetime | None]",
    sample: int | None,
    *,
    as_json: bool,
) -> list[str]:
    """List what is read out of texts, judging nothing; return what could not be read."""
    from feeds.series import FeedContext, replay
    from holdfast.commands._asking import progress
    from holdfast.commands._payloads import read_payloads
    from holdfast.settings import load

    form, zone, received = how
    payloads, refused = read_payloads(paths, form, form, received, load().clock)
    context, problems = FeedContext(form, form, zone), [str(error) for error in refused]
    told: dict[tuple[str, str, str | None], Notice] = {}
    with progress(len(payloads)) as bar:
        for step in replay(bar.track(payloads, description="reading"), context):
            problems += [f"{one.name or '-'}: {one.reason}: {one.detail}" for one in step.problems]
            for one in step.notices:
                told[one.source_incident_id, one.source_update_id or one.notice_id, one.text] = one
    found = sorted((one for one in told.values() if one.promised_at), key=lambda one: (one.order_at, one.notice_id))
    picked = (
        found if sample is None else [found[index * len(found) // sample] for index in range(min(sample, len(found)))]
    )
    _tell_read(picked, as_json=as_json)
    typer.echo(
        f"{counted(len(found), 'promise')} in {counted(sum(bool(one.text) for one in told.values()), 'text')}", err=True
    )
    return problems


def _tell_read(found: "Sequence[Notice]", *, as_json: bool) -> None:
    listing = table("Promises read (UTC)", "Said", "Promised", "Of", "Notice", "Words")
    for one in found:
        if as_json:
            names = ("notice_id", "source", "source_incident_id", "published_at", "promised_at", "promises", "phrase")
            whole = orjson.loads(one.to_wire())
            typer.echo(orjson.dumps({name: whole.get(name) for name in names}).decode())
        elif one.promised_at is not None:
            of, words = one.promises or "update", one.phrase or "-"
            row(listing, moment(one.order_at), moment(one.promised_at), of, one.notice_id[:8], words)
    if not as_json:
        show(listing)


def _documents(settings: "Settings", directory: Path | None) -> "Documents":
    """Return the documents of a directory, else those that were published; 1 with the next step without a broker."""
    from holdfast import kafka
    from holdfast.commands._payloads import documents_in

    if directory is not None:
        return documents_in(directory)
    try:
        return kafka.read_documents(settings)
    except kafka.KafkaUnreachableError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


def _of_provider(store: "Store", provider: str) -> "list[IncidentDocument]":
    found = store.incidents(every=True, provider=provider, limit=INCIDENTS_AT_MOST)
    return [one for one in found if one.merged_into is None]


def _tell(lines: "Sequence[PromiseLine]", *, as_json: bool) -> None:
    if as_json:
        told = {"promises": [one.line() for one in lines], "rates": [rates(lines, basis) for basis in Basis]}
        typer.echo(orjson.dumps(told).decode())
        return
    agreed = [one for one in lines if one.promise.basis is Basis.AGREED]
    listing = table(
        "Promises, on the agreed basis (UTC)", "Said", "Due", "Of", "What came", "Late by", "Notice", "Words"
    )
    for one in agreed:
        _add(listing, one)
    show(listing, _sum(agreed))


def _add(listing: Any, line: "PromiseLine") -> None:
    promise = line.promise
    late = "-" if promise.late_by is None else length(promise.late_by)
    words = line.phrase or "-"
    if line.correction is not None:
        was = "nothing" if promise.original_at is None else moment(promise.original_at)
        words = f"corrected by {line.corrected_by}, was {was}: {words}"
    said = moment(promise.made.earliest)
    named = (promise.made.notice_id or "-")[:8]
    row(listing, said, moment(promise.promised_at), promise.of, promise.keeping.value, late, named, words)


def _sum(agreed: "Sequence[PromiseLine]") -> str:
    told = rates(agreed)
    counts = ", ".join(f"{told[one.value]} {one.value}" for one in Keeping if told[one.value])
    share = "not enough data" if told["kept_share"] is None else f"{told['kept_share']:.0%} kept"
    return f"n {told['n']} judged: {share}; {counts or 'none'}"
