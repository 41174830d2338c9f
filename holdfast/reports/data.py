"""A report as JSON, for other programs: every block with the documents that it rests on. Pure."""

from typing import Any

from holdfast.reports.blocks import Block, Bullets, Callout, Chart, Heading, Paragraph, Report, Table, Words
from models.questions import Reference


def data(report: Report) -> dict[str, Any]:
    """Return a report as one JSON object: its keys are part of the interface.

    Charts are told in words and by their Vega-Lite; ``evidence`` is ``index/id`` of each document.
    """
    return {
        "title": report.title,
        "subtitle": report.subtitle,
        "blocks": [_block(one) for one in report.blocks],
    }


def _block(block: Block) -> dict[str, Any]:
    if isinstance(block, Heading):
        return {"kind": "heading", "level": block.level, "text": block.text}
    if isinstance(block, Paragraph):
        return {"kind": "paragraph", **_words(block.words)}
    if isinstance(block, Callout):
        return {"kind": "callout", "label": block.label, **_words(block.words)}
    if isinstance(block, Bullets):
        return {"kind": "list", "lines": [_words(one) for one in block.lines]}
    if isinstance(block, Table):
        rows = [[_words(cell) for cell in row] for row in block.rows]
        return {"kind": "table", "caption": block.caption, "columns": list(block.columns), "rows": rows}
    return _chart(block)


def _chart(block: Chart) -> dict[str, Any]:
    return {"kind": "chart", "name": block.name, "caption": block.caption, "text": block.told, "spec": block.spec}


def _words(words: Words) -> dict[str, Any]:
    return {"text": words.text, "evidence": [_named(one) for one in words.evidence]}


def _named(one: Reference) -> str:
    return f"{one.index}/{one.document_id}"
