"""What the commands about a provider's history share: reading it with a progress bar, drafts, errors. IO: files."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from holdfast.measuring import Gathered, Question
    from holdfast.supposing import Draft

MANY_FILES = 20
"""From this many on a progress bar is shown."""
PROBLEMS_SHOWN = 50
PIPED_WIDTH = 140
"""Columns where no terminal says how wide it is."""


@contextmanager
def usage_errors() -> Iterator[None]:
    """Turn what the command line asked wrongly into words on stderr and exit code 2."""
    from holdfast.explaining import UnknownClockError
    from holdfast.measuring import UnknownNameError
    from holdfast.supposing import DraftError
    from models.calendar import CalendarRangeError
    from models.documents import AmbiguousAgreementError

    try:
        yield
    except (UnknownNameError, UnknownClockError, DraftError, AmbiguousAgreementError, CalendarRangeError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error


@dataclass(frozen=True)
class Sources:
    """The files of a question."""

    paths: Sequence[Path]
    decisions: Sequence[Path]
    received_at: datetime | None


def gathered(question: "Question", sources: Sources) -> "Gathered":
    """Read and group, with a progress bar on stderr where there is much to read."""
    from holdfast.commands._payloads import read_payloads
    from holdfast.measuring import gather
    from holdfast.settings import load

    context, clock = question.context(), load().clock
    payloads, refused = read_payloads(sources.paths, context.feed, context.format, sources.received_at, clock)
    decided, unread = read_payloads(sources.decisions, context.feed, "statements", sources.received_at, clock)
    with progress(len(payloads)) as bar:
        return gather(question, bar.track(payloads, description="reading"), [*refused, *unread], decided)


@contextmanager
def progress(count: int | None = None) -> Iterator[Any]:
    """Yield a progress bar on stderr; hidden where there is little to do (None: much), or nobody to see it."""
    from rich.console import Console
    from rich.progress import Progress

    stderr = Console(stderr=True)
    hidden = (count is not None and count < MANY_FILES) or not stderr.is_terminal
    with Progress(console=stderr, disable=hidden, transient=True) as bar:
        yield bar


def supposing(question: "Question", what_if: str | None) -> "Question":
    """Return the question with what it supposes: a version by its name, else a file or directory with a draft."""
    from holdfast.measuring import UnknownNameError

    if what_if is None:
        return question
    named, path = replace(question, what_if=what_if), Path(what_if)
    if path.suffix not in (".yaml", ".yml") and not path.is_dir():
        return named
    try:
        named.supposed()
    except UnknownNameError:
        return replace(question, draft=draft_in(path, question))
    return named


def draft_in(path: Path, question: "Question") -> "Draft":
    """Read a draft, or end with every finding on stderr."""
    from holdfast.commands._payloads import existing
    from holdfast.documents import DocumentsError
    from holdfast.supposing import draft_of

    existing([path])
    try:
        return draft_of(path, question.provider_document())
    except DocumentsError as error:
        typer.echo(f"{error}\nnothing measured: mend the draft first (holdfast lint)", err=True)
        raise typer.Exit(1) from error


def console() -> "Console":
    """Return a console for tables; as wide as the terminal, or wide enough for ``grep``."""
    from rich.console import Console

    found = Console()
    return found if found.is_terminal else Console(width=PIPED_WIDTH)


def tell_problems(problems: Sequence[str]) -> None:
    """Say on stderr what could not be read."""
    for problem in problems[:PROBLEMS_SHOWN]:
        typer.echo(problem, err=True)
    if len(problems) > PROBLEMS_SHOWN:
        typer.echo(f"and {len(problems) - PROBLEMS_SHOWN} more problems", err=True)
