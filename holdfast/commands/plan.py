"""``holdfast plan``: who will be told when, if nothing happens. IO: files, Elasticsearch, Kafka.

Nobody is told by it, and nothing is stored.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from holdfast.commands._options import (
    AsOf,
    Decisions,
    FeedId,
    FeedTimezone,
    PayloadsFormat,
    PayloadsOf,
    PublishedDocuments,
    ReceivedAt,
)

if TYPE_CHECKING:
    from holdfast.commands._asking import Sources
    from holdfast.measuring import Question
    from holdfast.previewing import Previewed
    from models.documents import Documents
    from models.forecast import Addressee, Foretold

LONGEST = timedelta(days=366)
SIDES = {"provider": "their side", "customer": "our side"}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("plan")(plan)


def plan(
    named: Annotated[
        list[str], typer.Argument(metavar="INCIDENT | PATH...", help="An incident of the index; else payload files.")
    ],
    documents: PublishedDocuments = None,
    provider: PayloadsOf = None,
    format_name: PayloadsFormat = None,
    lasting: Annotated[str, typer.Option("--for", help="How far ahead to look, such as 8h.")] = "24h",
    policy: Annotated[
        str | None,
        typer.Option(metavar="FILE|ID", help="Of files: climb this policy, a draft or one of the documents."),
    ] = None,
    incident: Annotated[
        list[str] | None, typer.Option(help="Of files: only this incident, by the source's own id; more than once.")
    ] = None,
    feed: FeedId = None,
    as_of: AsOf = None,
    feed_timezone: FeedTimezone = None,
    received_at: ReceivedAt = None,
    decisions: Decisions = None,
    json: Annotated[bool, typer.Option("--json", help="One incident a line.")] = False,
) -> None:
    """Show who will be told when, if nothing happens: every rung, repetition and what holds it back.

    INCIDENT is looked up in the index. With payload files nothing needs to run: --documents, --provider and --format
    are needed then, and each open incident is shown as of its last payload, or of --as-of.
    """
    from holdfast.commands._asking import Sources, tell_problems, usage_errors
    from holdfast.commands._payloads import instant_option

    ahead, at = _lasting(lasting), instant_option(as_of)
    if provider is None and format_name is None:
        _only_index(named, policy, incident, at)
        _show([_indexed(named[0], documents, ahead)], as_json=json)
        return
    paths = [Path(one) for one in named]
    question = _question(paths, documents, provider, format_name, decisions)
    sources = Sources(paths, decisions or (), instant_option(received_at))
    with usage_errors():
        question = _asked(question, feed, feed_timezone, policy)
        found, problems = _of_files(question, sources, at, ahead, incident or ())
    _show(found, as_json=json)
    tell_problems(problems)
    if problems:
        raise typer.Exit(1)


def _lasting(text: str) -> timedelta:
    """Read how far ahead to look."""
    from models.durations import Duration

    try:
        found = Duration.parse(text).fixed
    except ValueError as error:
        raise typer.BadParameter(f"--for: {error}") from error
    if found is None or not timedelta() < found <= LONGEST:
        raise typer.BadParameter(f"--for {text}: write a time of a fixed length up to {LONGEST.days}d, such as 24h")
    return found


def _only_index(named: Sequence[str], policy: str | None, incident: Sequence[str] | None, at: datetime | None) -> None:
    """Refuse what only files can be asked."""
    if len(named) != 1:
        raise typer.BadParameter("one incident at a time; payload files need --documents, --provider and --format")
    if policy is not None or incident or at is not None:
        raise typer.BadParameter("--policy, --incident and --as-of are for payload files; see --help")


def _question(
    paths: Sequence[Path],
    directory: Path | None,
    provider: str | None,
    format_name: str | None,
    decisions: Sequence[Path] | None,
) -> "Question":
    """Return what is asked of files, as of now."""
    from holdfast.commands._payloads import documents_in, existing, format_option
    from holdfast.measuring import Question
    from holdfast.settings import load

    if directory is None or provider is None or format_name is None:
        raise typer.BadParameter("payload files need --documents, --provider and --format")
    existing([*paths, *(decisions or ())])
    return Question(documents_in(directory), provider, format_option(format_name), load().clock.now())


def _asked(question: "Question", feed: str | None, zone: str | None, policy: str | None) -> "Question":
    """Return a question with its feed, and the policy that is tried out."""
    from dataclasses import replace

    from holdfast.commands._payloads import zone_option
    from holdfast.previewing import with_draft

    question = replace(question, feed=feed, zone=zone_option(zone))
    if policy is None:
        return question
    return replace(question, documents=with_draft(question.documents, _policy(policy, question.documents)))


def _policy(text: str, documents: "Documents") -> Any:
    """Return a policy of the documents, or the only one of a draft; the draft's faults end the command."""
    from holdfast.documents import check_documents
    from holdfast.measuring import UnknownNameError
    from models.policy import EscalationPolicy

    path = Path(text)
    if not path.exists():
        if text in documents.policies:
            return documents.policies[text]
        raise UnknownNameError(
            f"no policy {text!r} in the documents, and no such file; there is: {', '.join(sorted(documents.policies))}"
        )
    draft, findings = check_documents(path, warnings=False)
    found = [one for one in draft if isinstance(one, EscalationPolicy)]
    if len(found) == 1:
        return found[0]
    for finding in findings:
        typer.echo(str(finding), err=True)
    raise UnknownNameError(f"{text} has {len(found)} escalation policies that can be read; give a file with one")


def _of_files(
    question: "Question", sources: "Sources", at: datetime | None, ahead: timedelta, wanted: Sequence[str]
) -> "tuple[list[Previewed], tuple[str, ...]]":
    """Preview the open incidents of payloads.

    Raises:
        UnknownNameError: if the question names what is not there.
    """
    from dataclasses import replace

    from holdfast.commands._asking import gathered, progress
    from holdfast.measuring import UnknownNameError
    from holdfast.previewing import known_by, previews

    history = gathered(replace(question, known_at=at), sources)
    question = known_by(question, history) if at is None else replace(question, as_of=at)
    with progress(len(history.notices)) as bar:
        bar.add_task("playing", total=None)
        found = list(previews(question, history, ahead))
    for name in wanted:
        if not any(name in (one.source_incident_id, one.incident_id) for one in found):
            raise UnknownNameError(
                f"no open incident {name!r} that a policy applies to; without --incident all are shown"
            )
    kept = [one for one in found if not wanted or {one.source_incident_id, one.incident_id} & set(wanted)]
    return kept, history.problems


def _indexed(text: str, directory: Path | None, ahead: timedelta) -> "Previewed":
    """Preview an incident of the index; what can't be had ends the command with the next step on stderr."""
    from board.previewing import forecast_of, on_record
    from board.store import AmbiguousIncidentError, UnknownIncidentError
    from holdfast.commands._index import reading
    from holdfast.previewing import previewed

    with reading(directory) as read:
        now = read.settings.clock.now()
        try:
            dossier = read.store.dossier(read.store.resolve(text))
        except (UnknownIncidentError, AmbiguousIncidentError) as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(2) from error
        if dossier.plan is None:
            typer.echo(f"no policy applies to incident {dossier.incident.source_incident_id}: nobody is told", err=True)
            raise typer.Exit(1)
        foretold, reason = forecast_of(on_record(dossier, read.store), now, ahead, read.documents)
    return previewed(dossier.incident, dossier.plan, now, foretold, reason)


def _show(found: "Sequence[Previewed]", *, as_json: bool) -> None:
    """Print previews; one that could not be computed is said on stderr and ends in exit code 1."""
    from holdfast.commands._asking import console

    for one in found:
        if as_json:
            typer.echo(orjson.dumps(one.line()))
        else:
            for part in _parts(one):
                console().print(part)
        if one.reason is not None:
            typer.echo(f"{one.source_incident_id}: no preview: {one.reason}", err=True)
    if not found and not as_json:
        typer.echo("no open incident to which a policy applies")
    if any(one.reason is not None for one in found):
        raise typer.Exit(1)


def _parts(one: "Previewed") -> Iterator[Any]:
    """Yield a preview's heading, and its table or why there is none."""
    from rich.text import Text

    from holdfast.commands.explain import printable

    yield Text(printable(one.title or one.source_incident_id), style="bold")
    yield Text(
        f"{one.provider} {one.source_incident_id} · {one.priority or 'no priority'} · policy {one.plan.policy} "
        f"({one.plan.policy_version}) · as of {one.as_of:%Y-%m-%d %H:%M} UTC"
    )
    if one.foretold:
        yield _table(one.foretold, one.as_of)
    elif one.reason is None:
        yield Text("Nobody will be told, if nothing happens.")


def _table(foretold: "Sequence[Foretold]", as_of: datetime) -> Any:
    from rich.table import Table

    from models.lengths import length

    table = Table("at (UTC)", "in", "side", "rung", "who", "why")
    for one in foretold:
        why = one.why + (f" · held: {one.held}" if one.held else "")
        why += f" · brought with others every {length(timedelta(seconds=one.digest_s))}" if one.digest_s else ""
        table.add_row(
            f"{one.at:%Y-%m-%d %H:%M}",
            length(one.at - as_of),
            SIDES[one.side.value],
            f"{one.rung + 1}" + (f" again {one.loop}" if one.loop else ""),
            _cell("\n".join(_who(who, one.at) for who in one.addressees)),
            _cell(why),
        )
    return table


def _cell(text: str) -> Any:
    from rich.text import Text

    from holdfast.commands.explain import printable

    return Text("\n".join(printable(line) for line in text.split("\n")))


def _who(who: "Addressee", at: datetime) -> str:
    """Return who is told by which channel, with what their own clock shows then."""
    from zoneinfo import ZoneInfo

    rota = f" of {who.rota}" if who.rota else ""
    local = "" if who.timezone is None else f", {at.astimezone(ZoneInfo(who.timezone)):%a %H:%M %Z}"
    return f"{who.name}{rota} by {who.channel}{local}"
