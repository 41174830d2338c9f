"""``holdfast dead-letters``: what could not be handled, why, and trying again."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from holdfast.settings import Settings
    from models.raw import DeadLetter

Feed = Annotated[str | None, typer.Option(help="Only letters of this feed.")]
Reason = Annotated[str | None, typer.Option(help="Only letters with this reason, such as not_json.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="What could not be handled, why, and trying again.", no_args_is_help=True)
    group.command("list")(show_all)
    group.command("show")(show)
    group.command("replay")(replay)
    app.add_typer(group, name="dead-letters")


def show_all(
    feed: Feed = None,
    reason: Reason = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line, without the bytes.")] = False,
) -> None:
    """List dead letters, oldest first. Looking creates no topics."""
    import orjson

    letters = sorted(_chosen(_letters(_settings()), feed=feed, reason=reason), key=lambda letter: letter.received_at)
    for letter in letters:
        if json:
            typer.echo(orjson.dumps(_outline(letter)).decode())
        else:
            source = letter.feed or letter.topic or "-"
            typer.echo(f"{letter.letter_id}  {letter.stage}  {source}  {letter.reason}: {_short(letter.detail)}")
    if not json:
        typer.echo(f"{len(letters)} dead letters" + ("; `holdfast dead-letters show ID` tells more" if letters else ""))


def show(
    letter_id: Annotated[str, typer.Argument(metavar="ID", help="Id, or its beginning.")],
    raw: Annotated[bool, typer.Option("--raw", help="Only the bytes as they were received.")] = False,
) -> None:
    """Show one dead letter."""
    import sys

    found = [letter for letter in _letters(_settings()) if letter.letter_id.startswith(letter_id)]
    if len(found) != 1:
        which = "no dead letter has" if not found else f"{len(found)} dead letters have"
        typer.echo(f"{which} an id that begins with {letter_id!r}; see `holdfast dead-letters list`", err=True)
        raise typer.Exit(1)
    if raw:
        sys.stdout.buffer.write(found[0].raw_bytes())
        return
    for key, value in _outline(found[0]).items():
        typer.echo(f"{key:15} {'-' if value is None else value}")


def replay(
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID", help="Ids, or their beginnings.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
    feed: Feed = None,
    reason: Reason = None,
) -> None:
    """Try dead letters again, after what stopped them has been mended.

    Payloads go back to the raw topic with the time at which they were first received, documents to the topic that they
    were on. What gets through by now is taken once, whatever is tried twice; what does not is a dead letter again.
    """
    if not (ids or every or feed or reason):
        typer.echo("name ids, --feed, --reason or --all", err=True)
        raise typer.Exit(2)
    settings = _settings()
    chosen = [letter for letter in _chosen(_letters(settings), feed=feed, reason=reason) if _named(letter, ids)]
    missing = [one for one in ids or () if not any(letter.letter_id.startswith(one) for letter in chosen)]
    problems = [f"no such dead letter: {one}" for one in missing] + _publish(settings, chosen)
    for problem in problems:
        typer.echo(problem, err=True)
    typer.echo(f"{len(chosen) - len(problems) + len(missing)} dead letters published again")
    if problems:
        raise typer.Exit(1)


def _settings() -> "Settings":
    """Return where the letters are, once a broker answers there; looking creates no topics."""
    from holdfast import kafka
    from holdfast.settings import load

    settings = load()
    try:
        kafka.await_broker(settings)
    except kafka.KafkaUnreachableError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    return settings


def _letters(settings: "Settings") -> "Iterator[DeadLetter]":
    """Yield every dead letter once, in the order of the topic; what is none of ours is passed over."""
    from holdfast import kafka
    from models.raw import DeadLetter
    from models.topics import Stream

    seen: set[str] = set()
    try:
        for record in kafka.read_all(settings, kafka.names(settings).topic(Stream.DEAD_LETTERS)):
            try:
                letter = DeadLetter.from_wire(record.value or b"")
            except (ValueError, TypeError, AttributeError):
                continue
            if letter.letter_id not in seen:
                seen.add(letter.letter_id)
                yield letter
    except kafka.KafkaUnreachableError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


def _chosen(
    letters: "Iterable[DeadLetter]", *, feed: str | None = None, reason: str | None = None
) -> "Iterator[DeadLetter]":
    for letter in letters:
        if feed in (None, letter.feed) and reason in (None, letter.reason):
            yield letter


def _named(letter: "DeadLetter", ids: list[str] | None) -> bool:
    return not ids or any(letter.letter_id.startswith(one) for one in ids)


def _outline(letter: "DeadLetter") -> dict[str, Any]:
    """Return a letter without its bytes, but with their number."""
    outline = letter.model_dump(mode="json", exclude={"raw"})
    return {**outline, "raw_bytes": len(letter.raw_bytes())}


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 100 else f"{line[:97]}..."


def _publish(settings: "Settings", letters: "list[DeadLetter]") -> list[str]:
    """Publish letters again; return what was wrong with those that can't be."""
    from holdfast import kafka, replay

    problems = []
    with kafka.Publisher(settings) as publisher, replay.Originals(settings) as originals:
        for letter in letters:
            try:
                publisher.send(*replay.record_for(letter, kafka.names(settings), originals))
            except replay.NotReplayableError as error:
                problems.append(f"{letter.letter_id}: {error}")
    return problems
