"""A report as PDF, set by Typst. Needs the extra ``charts``. Same report, same bytes, with the same versions of it.

The document that Typst gets is code whose texts are string literals, so nothing that somebody wrote is markup or a
call; it has no date, uses only the fonts that Typst brings, and reads no file.
"""

from collections.abc import Callable, Iterator
from typing import Any

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

Draw = Callable[[dict[str, Any]], str]
"""From Vega-Lite to SVG."""

_HEAD = """#set page(paper: "a4", margin: (x: 18mm, top: 18mm, bottom: 20mm), footer: context {
  set text(size: 8pt, fill: luma(35%)); footer-text; h(1fr); counter(page).display("1 / 1", both: true)
})
#set text(font: "Libertinus Serif", size: 10pt, lang: "en")
#set par(leading: 0.6em, spacing: 0.9em)
#set table(stroke: (x, y) => (bottom: if y == 0 { 0.8pt } else { 0.4pt + luma(80%) }),
  fill: (x, y) => if y == 0 { luma(95%) }, inset: (x: 4pt, y: 4pt))
#show heading.where(level: 1): set text(size: 19pt)
#show heading.where(level: 2): it => block(above: 1.6em, below: 0.7em, sticky: true,
  stroke: (bottom: 0.6pt + luma(70%)), inset: (bottom: 3pt), width: 100%, text(size: 13pt, it.body))
#show heading.where(level: 3): it => block(above: 1.3em, below: 0.6em, sticky: true, text(size: 11pt, it.body))
#show link: set text(fill: rgb("#0a58ca"))
#show table.cell: set par(justify: false)
#let note(number) = link(label("note-" + number), super("[" + number + "]"))
#let told(name) = block(above: 1.1em, below: 0.5em, sticky: true, text(weight: "bold", size: 9pt, name))
#let callout(name, body) = block(width: 100%, fill: luma(96%), inset: 7pt, stroke: (left: 2.5pt + luma(45%)),
  { strong(name + ": "); body })
"""


def pdf(report: Report, draw: Draw) -> bytes:
    """Return a report as PDF.

    Args:
        report: to show.
        draw: draws its charts.
    """
    import typst

    compiled = typst.compile(source(report, draw).encode(), format="pdf", ignore_system_fonts=True)
    assert isinstance(compiled, bytes)
    return compiled


def source(report: Report, draw: Draw) -> str:
    """Return the document that Typst sets."""
    known = notes(report)
    lines = [
        f"#set document(title: {literal(report.title)}, date: none)",
        f"#let footer-text = {literal(report.title)}",
        _HEAD,
        f"#heading(level: 1, {literal(report.title)})",
        f"#text(fill: luma(35%), {literal(report.subtitle)})",
        *(line for block in report.blocks for line in _block(block, known, draw)),
        *_notes(report),
    ]
    return "\n".join(lines) + "\n"


def literal(text: str) -> str:
    """Return text as a string literal of Typst's code."""
    return _quoted(clean(text))


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _block(block: Block, known: Notes, draw: Draw) -> Iterator[str]:
    if isinstance(block, Heading):
        yield f"#heading(level: {block.level}, {literal(block.text)})"
    elif isinstance(block, Paragraph):
        yield f"#par({_said(block.words, known)})"
    elif isinstance(block, Callout):
        yield f"#callout({literal(block.label)}, {_said(block.words, known)})"
    elif isinstance(block, Bullets):
        yield f"#list({', '.join(_said(one, known) for one in block.lines)})"
    elif isinstance(block, Table):
        yield f"#told({literal(block.caption)})"
        yield from _table(block, known)
    elif isinstance(block, Chart):
        picture = _quoted(draw(block.spec))
        yield f"#told({literal(block.caption)})"
        yield f'#image(bytes({picture}), format: "svg", width: 100%, alt: {literal(block.told)})'


def _table(block: Table, known: Notes) -> Iterator[str]:
    widths = ", ".join(_widths(block))
    sides = ", ".join("right" if position in block.numbers else "left" for position in range(len(block.columns)))
    yield f"#text(size: 8pt, table(columns: ({widths},), align: ({sides},),"
    yield f"  table.header({', '.join(f'strong({literal(one)})' for one in block.columns)}),"
    for row in block.rows:
        yield f"  {', '.join(_said(cell, known) for cell in row)},"
    yield "))"


def _widths(block: Table) -> Iterator[str]:
    """Yield a column's width each: short ones as wide as their text, long ones share what is left."""
    for position, name in enumerate(block.columns):
        longest = max([len(name), *(len(row[position].text) for row in block.rows)])
        yield "auto" if longest <= 19 else f"{min(longest, 60)}fr"


def _said(words: Words, known: Notes) -> str:
    text = literal(words.text)
    if not words.evidence:
        return f"[#{text}]" if text != '""' else "[]"
    return f'{{ {text}; note("{known[words.evidence]}") }}'


def _notes(report: Report) -> Iterator[str]:
    found = listed(report)
    if not found:
        return
    yield '#heading(level: 2, "What it rests on")'
    yield "#set text(size: 7pt, fill: luma(35%))"
    for note in found:
        named = "; ".join(f'[#", "]; {one}' if place else one for place, one in enumerate(_named(note.documents)))
        more = f'; [#", and {note.more} more"]' if note.more else ""
        yield f'#block(spacing: 0.5em, {{ [#"[{note.number}] "]; {named}{more} }}) <note-{note.number}>'


def _named(documents: tuple[tuple[str, str | None], ...]) -> Iterator[str]:
    for name, link in documents:
        yield f"[#{literal(name)}]" if link is None else f"link({literal(link)}, {literal(name)})"
