"""CAP areas: polygons, circles and geocodes as text become one ``Area`` (``feeds.cap``). Pure.

Coordinates are (latitude, longitude), WGS 84. What can't be such a shape is left out and told, never mended by guess:
a polygon with latitude and longitude swapped looks like any other.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from feeds.cap_documents import Fields, groups, texts
from models.notice import Area

DESCRIPTION_LIMIT = 2_000
"""Characters kept of the areas' names put together."""
_ALLOWED = re.compile(r"[\s,0-9.eE+-]*")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")

Ring = tuple[tuple[float, float], ...]
Shape = TypeVar("Shape")


def area_of(areas: Iterable[Fields]) -> tuple[Area | None, tuple[str, ...]]:
    """Unite the areas of an alert.

    Returns:
        The area, None where nothing says where; and what could not be read, in words.
    """
    every = list(areas)
    faults: list[str] = []
    polygons = [_or_fault(polygon_of, text, faults) for area in every for text in texts(area, "polygon")]
    circles = [_or_fault(circle_of, text, faults) for area in every for text in texts(area, "circle")]
    area = Area(
        description="; ".join(names_of(every))[:DESCRIPTION_LIMIT] or None,
        polygons=tuple(dict.fromkeys(ring for ring in polygons if ring)),
        circles=tuple(dict.fromkeys(circle for circle in circles if circle)),
        geocodes=tuple(dict.fromkeys(code for area in every for code in _geocodes(area))),
    )
    return (None if area == Area() else area), tuple(faults)


def names_of(areas: Iterable[Fields]) -> tuple[str, ...]:
    """Return the names of areas, each once, in order."""
    return tuple(dict.fromkeys(name for area in areas for name in texts(area, "areaDesc")))


def polygon_of(text: str) -> Ring:
    """Read ``lat,lon lat,lon …``, or GeoRSS's ``lat lon lat lon …``; an open ring is closed.

    Longitudes to 360 are kept: a ring over the antimeridian is often written so.

    Raises:
        ValueError: if it is no ring.

    >>> polygon_of("1,2 3,4 5,1")
    ((1.0, 2.0), (3.0, 4.0), (5.0, 1.0), (1.0, 2.0))
    """
    numbers = _numbers(text)
    if len(numbers) % 2:
        raise ValueError(f"a polygon of {len(numbers)} numbers")
    ring = tuple(zip(numbers[::2], numbers[1::2], strict=True))
    if len(set(ring)) < 3:
        raise ValueError(f"a polygon of {len(set(ring))} different points")
    for point in ring:
        _check(*point)
    return ring if ring[0] == ring[-1] else (*ring, ring[0])


def circle_of(text: str) -> tuple[float, float, float]:
    """Read ``lat,lon radius``; the radius is in kilometres and may be 0.

    Raises:
        ValueError: if it is no circle.
    """
    numbers = _numbers(text)
    if len(numbers) != 3 or not 0 <= numbers[2] <= 20_100:
        raise ValueError("a circle is a point and a radius")
    _check(numbers[0], numbers[1])
    return numbers[0], numbers[1], numbers[2]


def _or_fault(read: Callable[[str], Shape], text: str, faults: list[str]) -> Shape | None:
    try:
        return read(text)
    except ValueError as error:
        faults.append(f"{error}: {text[:60]!r}")
        return None


def _numbers(text: str) -> list[float]:
    if not _ALLOWED.fullmatch(text):
        raise ValueError("not only numbers")
    return [float(number) for number in _NUMBER.findall(text)]


def _check(latitude: float, longitude: float) -> None:
    if not (-90 <= latitude <= 90 and -360 <= longitude <= 360):
        raise ValueError("no latitude and longitude")


def _geocodes(area: Fields) -> Iterator[tuple[str, str]]:
    """Yield (scheme, code): of pairs of elements, of several codes in one value, and of CAP 1.0's ``SAME=006113``."""
    for geocode in groups(area, "geocode"):
        schemes, values = texts(geocode, "valueName"), texts(geocode, "value")
        for scheme, value in zip(schemes, values, strict=False):
            yield from ((scheme, code) for code in value.split())
        if not schemes:
            yield from ((scheme, code) for scheme in geocode for code in texts(geocode, scheme))
    for text in texts(area, "geocode"):
        scheme, equals, code = text.partition("=")
        yield (scheme.strip(), code.strip()) if equals else ("", text)
