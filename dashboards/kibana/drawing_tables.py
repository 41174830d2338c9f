"""Tables, tiles and words as Vega-Lite's text marks: what has no axes. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.kibana.charts import Metric, Table
from dashboards.kibana.colors import NEUTRAL
from dashboards.kibana.drawing_values import color_of, label_of, shown, told
from dashboards.kibana.figures import Figure
from dashboards.kibana.panels import Documents, Links, Markdown
from dashboards.kibana.searches import MISSING, Row
from dashboards.kibana.vega import Spec
from models.lengths import signed_length

LINE, LETTER = 17, 6.4
"""Pixels of a line of a table, and of a letter on the average."""
SLIM = 40
"""Pixels below which a column says nothing."""
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")
_LINK = re.compile(r"\[([^]]*)\]\([^)]*\)")
_MARKS = re.compile(r"^[#>\s-]+|\*\*|`", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Size:
    """Room for a drawing, in pixels."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class _Cell:
    text: str
    color: str | None = None


def table(config: Table, rows: Sequence[Row], size: Size) -> Spec:
    """Return a table of aggregated rows; a split repeats the figures in columns."""
    if config.split_metrics_by:
        return _split_table(config, rows, size)
    heads = [*map(label_of, config.rows), *map(label_of, config.metrics)]
    lines = [[*map(_key, keys), *map(_cell, found, config.metrics)] for keys, found in rows]
    return _grid(heads, lines, len(config.rows), size)


def documents(config: Documents, rows: Sequence[Row], size: Size) -> Spec:
    """Return a table of documents, a line each."""
    heads = [column.removesuffix(".keyword") for column in config.columns]
    lines = [[_Cell(_of_field(*each)) for each in zip(config.columns, found, strict=True)] for _, found in rows]
    return _grid(heads, lines, len(heads), size)


def tiles(config: Metric, rows: Sequence[Row], size: Size) -> Spec:
    """Return a tile for each row, side by side: the large figure, what it is called, and the second figure."""
    shown_rows = [(keys, found) for keys, found in rows][:8] or [((), tuple(None for _ in config.headlines))]
    across = len(shown_rows)
    marks: list[Spec] = []
    for number, (keys, found) in enumerate(shown_rows):
        left = 4 + number * size.width // across
        first = config.headlines[0]
        color = color_of(first.figure, found[0]) or NEUTRAL
        large = min(30, size.height // 2, int(size.width / across / (0.6 * max(4, len(shown(found[0], first.figure))))))
        name = " ".join([*(told(_plain(key)) for key in keys), first.subtitle or label_of(first.figure)])
        marks += [
            _bar(left, size.height, color),
            _text(shown(found[0], first.figure), left + 12, size.height * 0.34, large, bold=True),
            _text(name, left + 12, size.height * 0.66, 11, limit=size.width / across - 20),
        ]
        for second, value in zip(config.headlines[1:], found[1:], strict=True):
            words = f"{label_of(second.figure)}: {shown(value, second.figure)}"
            marks.append(_text(words, left + 12, size.height * 0.88, 11, limit=size.width / across - 20))
    return _bare(marks)


def words(config: Markdown | Links, size: Size) -> Spec:
    """Return a panel of words, its marks taken away and its lines broken to fit."""
    content = " · ".join(one.label for one in config.links) if isinstance(config, Links) else config.content
    plain = _MARKS.sub("", _LINK.sub(r"\1", content)).strip()
    letters = max(20, int(size.width / LETTER))
    lines = [line for part in plain.splitlines() for line in _broken(part, letters)]
    marks = [_text(line, 8, 12 + LINE * number, 12) for number, line in enumerate(lines[: size.height // LINE])]
    return _bare(marks or [_text(" ", 8, 12, 12)])


def _split_table(config: Table, rows: Sequence[Row], size: Size) -> Spec:
    depth = len(config.rows)
    columns = list(dict.fromkeys(keys[depth:] for keys, _ in rows))
    heads = list(map(label_of, config.rows))
    heads += [", ".join([*map(told, column), label_of(one)]) for column in columns for one in config.metrics]
    cells: dict[tuple[Any, ...], dict[tuple[Any, ...], list[_Cell]]] = {}
    for keys, found in rows:
        cells.setdefault(keys[:depth], {})[keys[depth:]] = list(map(_cell, found, config.metrics))
    empty = [_Cell("") for _ in config.metrics]
    lines = [
        [*map(_key, keys), *(cell for column in columns for cell in own.get(column, empty))]
        for keys, own in cells.items()
    ]
    return _grid(heads, lines, depth, size)


def _grid(heads: list[str], lines: list[list[_Cell]], names: int, size: Size) -> Spec:
    """Return a grid of texts: the first ``names`` columns stand left, figures right; what does not fit is counted."""
    fitting = max(1, size.height // LINE - 2)
    kept = lines[:fitting]
    widths = _widths([heads, *([cell.text for cell in line] for line in kept)], size.width - 8)
    starts = [4 + sum(widths[:column]) for column in range(len(heads))]
    marks, values, boxes = [], [], []
    for number, line in enumerate([[_Cell(head) for head in heads], *kept]):
        for column, cell in enumerate(line):
            right = column >= names
            x = starts[column] + (widths[column] - 8 if right else 2)
            most = max(3, int((widths[column] - 12) / LETTER))
            text = cell.text if len(cell.text) <= most + 1 else cell.text[:most] + "…"
            values.append({"text": text, "x": x, "y": 10 + number * LINE, "end": right, "head": number == 0})
            if cell.color is not None:
                boxes.append(_box(starts[column], 2 + number * LINE, widths[column] - 2, cell.color))
    marks = [*boxes, *(_texts(values, head=head, end=end) for head in (True, False) for end in (True, False))]
    if len(lines) > len(kept):
        marks.append(_text(f"and {len(lines) - len(kept)} more", 6, 10 + (len(kept) + 1) * LINE, 11))
    if not lines:
        marks.append(_text("nothing", 6, 10 + LINE, 11))
    return _bare(marks)


def _widths(texts: list[list[str]], room: int) -> list[int]:
    """Return the width of each column in pixels: by its longest text, shrunk where all together have no room.

    Instants keep theirs: without its end one is worth nothing, and a name's beginning is worth much.
    """
    columns = list(zip(*texts, strict=True))
    wanted = [min(46, max(map(len, column))) * LETTER + 14 for column in columns]
    total = sum(wanted)
    if total <= room:
        return [int(width + (room - total) / len(wanted)) for width in wanted]
    whole = [any(map(_INSTANT.fullmatch, column[1:])) for column in columns]
    kept = sum(width for width, is_whole in zip(wanted, whole, strict=True) if is_whole)
    if room - kept < SLIM * whole.count(False):
        kept, whole = 0, [False] * len(wanted)
    level = _level([width for width, is_whole in zip(wanted, whole, strict=True) if not is_whole], room - kept)
    return [int(width if is_whole else min(width, level)) for width, is_whole in zip(wanted, whole, strict=True)]


def _level(wanted: list[float], room: float) -> float:
    """Return the width from which on columns are cut, so that the narrow ones keep theirs."""
    left, ascending = room, sorted(wanted)
    for number, width in enumerate(ascending):
        share = left / (len(ascending) - number)
        if width > share:
            return share
        left -= width
    return room


def _bare(marks: list[Spec]) -> Spec:
    return {"padding": 0, "data": {"values": [{}]}, "layer": marks}


def _texts(values: list[Spec], *, head: bool, end: bool) -> Spec:
    chosen = [value for value in values if value["head"] is head and value["end"] is end]
    weight = {"fontWeight": "bold"} if head else {}
    mark = {"type": "text", "fontSize": 11, "align": "right" if end else "left", "baseline": "middle", **weight}
    place = {axis: {"field": axis, "type": "quantitative", "scale": None, "axis": None} for axis in ("x", "y")}
    return {"data": {"values": chosen}, "mark": mark, "encoding": {**place, "text": {"field": "text"}}}


def _text(text: str, x: float, y: float, size: int, *, bold: bool = False, limit: float | None = None) -> Spec:
    extra: Spec = ({"fontWeight": "bold"} if bold else {}) | ({"limit": int(limit)} if limit is not None else {})
    mark = {"type": "text", "text": text, "align": "left", "baseline": "middle", "fontSize": size, **extra}
    return {"mark": mark, "encoding": {"x": {"value": x}, "y": {"value": y}}}


def _bar(x: float, height: int, color: str) -> Spec:
    place = {"x": {"value": x}, "x2": {"value": x + 5}, "y": {"value": 2}, "y2": {"value": height - 4}}
    return {"mark": {"type": "rect", "color": color}, "encoding": place}


def _box(x: float, y: float, width: float, color: str) -> Spec:
    place = {"x": {"value": x}, "x2": {"value": x + width}, "y": {"value": y}, "y2": {"value": y + LINE - 1}}
    return {"mark": {"type": "rect", "color": color, "opacity": 0.35}, "encoding": place}


def _cell(value: Any, figure: Figure) -> _Cell:
    return _Cell(shown(value, figure), color_of(figure, value))


def _key(key: Any) -> _Cell:
    return _Cell(told(None if key == MISSING else key))


def _of_field(column: str, value: Any) -> str:
    """Return a document's value as the data views have it: lengths and shares as people read them."""
    if isinstance(value, int | float) and column.endswith("_s"):
        return signed_length(value)
    if isinstance(value, int | float) and column.endswith("_share"):
        return f"{value:.1%}"
    return told(_plain(value))


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _broken(line: str, letters: int) -> list[str]:
    lines, rest = [], line
    while len(rest) > letters:
        at = rest.rfind(" ", 0, letters)
        at = at if at > 0 else letters
        lines.append(rest[:at])
        rest = rest[at:].strip()
    return [*lines, rest]
