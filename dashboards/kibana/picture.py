"""Drawings as pictures, and a whole board of them on its grid. Needs the extra ``charts``; no other IO.

The renderer is Vega's own, in the process, without a browser and without the internet. Same drawings, same bytes, with
the same version of it and the same fonts.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from textwrap import wrap
from xml.sax.saxutils import escape
from zlib import compress, crc32, decompress

from dashboards.kibana.drawing_tables import Size
from dashboards.kibana.parts import WIDTH, Grid
from dashboards.kibana.vega import SCHEMA, Spec

VERSION = "5.20"
"""Of Vega-Lite: the series that Kibana 8.19 brings."""
COLUMN, ROW = 28, 22
"""Pixels of one column and one row of the grid."""
GAP, HEAD, BANNER = 4, 24, 58
"""Pixels around a panel, of its title, and of the board's own title."""
LETTER = 7
"""Pixels of a letter of a panel's title, on the average."""
FONT = "Liberation Sans, Arial, sans-serif"
LOOK: Spec = {
    "background": "white",
    "padding": 6,
    "font": FONT,
    "axis": {"labelFontSize": 11, "titleFontSize": 11, "titleFontWeight": "normal", "gridColor": "#e6e6e6"},
    "legend": {"labelFontSize": 11, "titleFontSize": 11, "titleFontWeight": "normal", "labelLimit": 160},
    "view": {"stroke": None},
}
_NAMED = re.compile(r'(?<=[#"])(?:clip|gradient_)\d+(?=[")])')
LEFT = 1
"""PNG's filter of a row: differences to the left."""
_MAGIC = b"\x89PNG\r\n\x1a\n"
_OUTER = re.compile(r"^<svg[^>]*>|</svg>\s*$")


@dataclass(frozen=True, slots=True)
class Drawn:
    """One panel's drawing and its place."""

    title: str
    grid: Grid
    spec: Spec


def room_of(title: str, grid: Grid) -> Size:
    """Return the room that a panel of a place has for its drawing, below its title."""
    width, height = grid.w * COLUMN - GAP, grid.h * ROW - GAP
    return Size(width - 4, height - HEAD - 2 - 13 * (len(_lines(title, width - 16)) - 1))


def svg(spec: Spec, width: int, height: int) -> str:
    """Return a drawing as SVG of a size in pixels, axes and legends included."""
    import vl_convert

    sized = {**spec, "$schema": SCHEMA, "width": width, "height": height}
    fitted = {"autosize": {"type": "fit", "contains": "padding"}, "config": {**LOOK, **spec.get("config", {})}}
    return str(vl_convert.vegalite_to_svg({**sized, **fitted}, vl_version=VERSION))


def png(drawing: str, scale: float = 1.0) -> bytes:
    """Return an SVG as PNG."""
    import vl_convert

    return _packed(bytes(vl_convert.svg_to_png(drawing, scale=scale)))


def board(title: str, subtitle: str, panels: Iterable[Drawn]) -> str:
    """Return a board as one SVG: its title, and every panel in its place.

    Args:
        title: of the board.
        subtitle: the chosen time, and what else narrows it.
        panels: in the board's order.
    """
    placed = list(panels)
    width = WIDTH * COLUMN + GAP
    height = BANNER + max(one.grid.y + one.grid.h for one in placed) * ROW + GAP
    banner = _text(14, 26, title, 20, bold=True) + _text(14, 46, subtitle, 12, fill="#555555")
    inner = "".join(_panel(number, one) for number, one in enumerate(placed))
    return _page(width, height, banner + inner)


def sheet(title: str, pictures: Iterable[tuple[str, bytes]], across: int, width: int) -> str:
    """Return one SVG of several pictures side by side, each with its name.

    Args:
        title: of the sheet.
        pictures: (name, PNG).
        across: pictures in a row.
        width: of a picture, in pixels; its height follows.
    """
    parts, left, top, lowest = [_text(14, 32, title, 20, bold=True)], 0, 50, 0
    for number, (name, picture) in enumerate(pictures):
        if number % across == 0:
            left, top, lowest = 0, max(top, lowest), 0
        high = width * _size(picture)[1] // _size(picture)[0]
        link = f"data:image/png;base64,{b64encode(picture).decode()}"
        parts.append(_text(left + 14, top + 18, name, 14, bold=True))
        parts.append(f'<image x="{left + 10}" y="{top + 26}" width="{width}" height="{high}" href="{link}"/>')
        left, lowest = left + width + 14, max(lowest, top + high + 40)
    return _page(across * (width + 14) + 6, lowest, "".join(parts))


def _panel(number: int, one: Drawn) -> str:
    x, y = one.grid.x * COLUMN + GAP, BANNER + one.grid.y * ROW + GAP
    width, height = one.grid.w * COLUMN - GAP, one.grid.h * ROW - GAP
    room = room_of(one.title, one.grid)
    frame = f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="4" fill="white" stroke="#d3dae6"/>'
    lines = _lines(one.title, width - 16)
    title = "".join(_text(x + 8, y + 16 + 13 * at, line, 12, bold=True) for at, line in enumerate(lines))
    inner = _nested(svg(one.spec, room.width, room.height), number)
    return f'{frame}{title}<g transform="translate({x + 2},{y + height - 2 - room.height})">{inner}</g>'


def _nested(drawing: str, number: int) -> str:
    """Return the inside of an SVG, its clip paths and gradients named by the panel: two panels must not share one."""
    names = {name: f"p{number}-{at}" for at, name in enumerate(dict.fromkeys(_NAMED.findall(drawing)))}
    return _NAMED.sub(lambda match: names[match[0]], _OUTER.sub("", drawing.strip()))


def _page(width: int, height: int, inner: str) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
    return f'{head}<rect width="{width}" height="{height}" fill="#f5f7fa"/>{inner}</svg>'


def _text(x: int, y: int, text: str, size: int, *, bold: bool = False, fill: str = "#1a1c21") -> str:
    weight = ' font-weight="bold"' if bold else ""
    look = f'font-family="{FONT}" font-size="{size}"{weight} fill="{fill}"'
    return f'<text x="{x}" y="{y}" {look}>{escape(text)}</text>'


def _lines(title: str, width: int) -> list[str]:
    """Return a title in one line or two; what has no room in two is cut."""
    return wrap(title, max(8, width // LETTER), max_lines=2, placeholder="…")


def _packed(picture: bytes) -> bytes:
    """Return the same picture in less than half the bytes: the renderer packs it fast, and we have time.

    It writes four bytes a pixel, the last of which says that it is opaque, and each as the difference to the pixel on
    its left (RFC 2083, 6.3). Of flat colours and text, plain pixels of three bytes become smaller.

    Raises:
        ValueError: if the renderer writes another kind of PNG.
    """
    (width, height), line = _size(picture), 1 + 4 * _size(picture)[0]
    packed = decompress(b"".join(body for kind, body in _chunks(picture) if kind == b"IDAT"))
    rows = [packed[start : start + line] for start in range(0, len(packed), line)]
    if picture[24:26] != b"\x08\x06" or any(row[0] != LEFT for row in rows):
        raise ValueError("the renderer writes another kind of PNG than the one that is known here")
    head = width.to_bytes(4) + height.to_bytes(4) + b"\x08\x02\x00\x00\x00"
    pixels = compress(b"".join(b"\x00" + _plain(row) for row in rows), 9)
    return _MAGIC + _chunk(b"IHDR", head) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _chunks(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_MAGIC)
    while at < len(picture):
        length = int.from_bytes(picture[at : at + 4])
        yield picture[at + 4 : at + 8], picture[at + 8 : at + 8 + length]
        at += length + 12


def _plain(row: bytes) -> bytes:
    """Return red, green and blue of a row of pixels, from differences of four bytes each."""
    plain = bytearray(3 * (len(row) // 4))
    for color in range(3):
        plain[color::3] = bytes([*accumulate(row[1 + color :: 4], _sum)])
    return bytes(plain)


def _sum(one: int, other: int) -> int:
    return (one + other) & 255


def _chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4) + kind + body + crc32(kind + body).to_bytes(4)


def _size(picture: bytes) -> tuple[int, int]:
    """Return the width and height of a PNG: they stand at the same place in every one (RFC 2083, 4.1.1)."""
    return int.from_bytes(picture[16:20]), int.from_bytes(picture[20:24])
