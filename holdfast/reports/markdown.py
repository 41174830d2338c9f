"""A report as Markdown (GitHub's). Same report, same text. Pure.

Everything that could mean something to a reader of Markdown is escaped: what a provider wrote stays its words.
"""

import re
from collections.abc import Iterator

from holdfast.reports.blocks import (
    Block,
    Bullets,
    Callout,
    Chart,
    Heading,
    Notes,
    Paragraph,
    Report,
    Table,
    Words,
    clean,
    listed,
    notes,
)

_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~&!@$])")
_AT_THE_START = re.compile(r"^([-+=])|^(\d+)([.)])")
_ADDRESS = re.compile(r"(?i)\b(https?|ftp|mailto|xmpp):|\bwww\.")
EVIDENCE = "What it rests on"
_ANCHOR = "#what-it-rests-on"
"""As it is made of that heading on the web."""


def escaped(text: str) -> str:
    """Return text so that Markdown shows it as it is within a line; no address becomes a link."""
    safe = _SPECIAL.sub(r"\\\1", clean(text))
    return _ADDRESS.sub(lambda match: f"{match[0][:-1]}\\{match[0][-1]}", safe)


def opening(line: str) -> str:
    """Return an escaped line so that it opens no list."""
    return _AT_THE_START.sub(lambda match: f"\\{match[1]}" if match[1] else f"{match[2]}\\{match[3]}", line)


def markdown(report: Report, pictures: str | None = None) -> str:
    """Return a report as Markdown.

    Args:
        report: to show.
        pictures: folder, relative to the file, in which the charts lie as ``NAME.svg``; None tells them in words.
    """
    known = notes(report)
    parts = [f"# {escaped(report.title)}", opening(escaped(report.subtitle))]
    parts += [text for block in report.blocks for text in _block(block, known, pictures)]
    parts += _notes(report)
    return "\n\n".join(parts) + "\n"


def _block(block: Block, known: Notes, pictures: str | None) -> Iterator[str]:
    if isinstance(block, Heading):
        yield f"{'#' * block.level} {escaped(block.text)}"
    elif isinstance(block, Paragraph):
        yield opening(_said(block.words, known))
    elif isinstance(block, Callout):
        yield f"> **{escaped(block.label)}:** {_said(block.words, known)}"
    elif isinstance(block, Bullets):
        yield "\n".join(f"- {opening(_said(one, known))}" for one in block.lines)
    elif isinstance(block, Table):
        yield f"**{escaped(block.caption)}**"
        yield "\n".join(_table(block, known))
    elif isinstance(block, Chart):
        yield f"**{escaped(block.caption)}**"
        yield (
            opening(escaped(block.told))
            if pictures is None
            else f"![{escaped(block.told)}]({pictures}/{block.name}.svg)"
        )


def _table(block: Table, known: Notes) -> Iterator[str]:
    yield _row([escaped(one) for one in block.columns])
    yield _row(["---:" if position in block.numbers else "---" for position in range(len(block.columns))])
    for cells in block.rows:
        yield _row([_said(one, known) for one in cells])


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _said(words: Words, known: Notes) -> str:
    text = escaped(words.text)
    return f"{text} [{known[words.evidence]}]({_ANCHOR})".lstrip() if words.evidence else text


def _notes(report: Report) -> Iterator[str]:
    found = listed(report)
    if not found:
        return
    yield f"## {EVIDENCE}"
    lines = []
    for note in found:
        named = ", ".join(
            escaped(name) if link is None else f"[{escaped(name)}](<{link}>)" for name, link in note.documents
        )
        more = f", and {note.more} more" if note.more else ""
        lines.append(f"{note.number}. {named}{more}")
    yield "\n".join(lines)
