"""What the commands about a month share: options to a question, and what is told on stderr. IO: files."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import typer

from holdfast.availing import Availing, avail
from holdfast.commands._asking import tell_problems
from holdfast.commands._payloads import (
    documents_in,
    existing,
    format_option,
    instant_option,
    read_payloads,
    zone_option,
)
from holdfast.measuring import Question, UnknownNameError
from holdfast.settings import load
from models.credits import NOTHING
from models.downtime import Span
from models.months import Month


@dataclass(frozen=True)
class Options:
    """The command line as it was typed."""

    paths: Sequence[Path]
    documents: Path
    provider: str
    format: str
    month: str
    feed: str | None
    as_of: str | None
    known_at: str | None
    what_if: str | None
    feed_timezone: str | None
    received_at: str | None
    decisions: Sequence[Path] = ()
    blind: Sequence[str] = ()
    earlier: Decimal = NOTHING


def ask(options: Options) -> Availing:
    """Read the files and measure; exit 2 where a name is not there, 1 where documents are at fault."""
    existing([*options.paths, *options.decisions])
    month = _month(options.month)
    clock = load().clock
    question = Question(
        provider=options.provider,
        format=format_option(options.format),
        as_of=instant_option(options.as_of) or clock.now(),
        feed=options.feed,
        zone=zone_option(options.feed_timezone),
        known_at=instant_option(options.known_at),
        what_if=options.what_if,
        documents=documents_in(options.documents),
    )
    blind = [_span(text) for text in options.blind]
    try:
        feed = question.context()
        received_at = instant_option(options.received_at)
        payloads, refused = read_payloads(options.paths, feed.feed, feed.format, received_at, clock)
        decided, unread = read_payloads(options.decisions, feed.feed, "statements", received_at, clock)
        refused += unread
        return avail(question, month, payloads, refused, decisions=decided, blind=blind, earlier=options.earlier)
    except UnknownNameError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error


def _month(text: str) -> Month:
    try:
        return Month.parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _span(text: str) -> Span:
    begin, _, end = text.partition("/")
    first, last = instant_option(begin), instant_option(end or None)
    if first is None or last is None or first >= last:
        raise typer.BadParameter(f"{text!r}: write 2026-05-01T12:00:00Z/2026-05-01T13:00:00Z, begin before end")
    return first, last


def tell(answer: Availing, count: int) -> None:
    """Say on stderr what is missing; exit 1 where something could not be read."""
    if not count:
        typer.echo(
            "nothing promised for that month: no version in force has such a section, or it has not begun", err=True
        )
    tell_problems(answer.problems)
    if answer.problems:
        raise typer.Exit(1)
