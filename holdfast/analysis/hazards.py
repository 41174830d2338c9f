"""Hazards as documents: where they lie, for how long, whom they concern and which incidents they touched. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from math import cos, radians

from shapely import Point, Polygon, make_valid, unary_union
from shapely.affinity import scale

from models.derived import HazardDocument, Location
from models.exposure import EARTH_RADIUS_KM, distance_km
from models.fact import fact_of
from models.notice import Area, Flag, Kind, Notice
from models.surroundings import hazard_over

DEGREE_KM = radians(1) * EARTH_RADIUS_KM


def hazards(
    notices: Iterable[Notice], touched: Mapping[str, Iterable[str]], as_of: datetime
) -> Iterator[HazardDocument]:
    """Yield every hazard that was known by an instant, by name; exercises are left out.

    Args:
        notices: of hazards and exposures, any order, copies allowed; others are left out.
        touched: incident ids by name of the hazard.
        as_of: what was received by then counts.
    """
    told: dict[str, dict[str, Notice]] = defaultdict(dict)
    exposed: dict[str, set[str]] = defaultdict(set)
    for one in notices:
        name = f"{one.source}/{one.source_incident_id}"
        if one.received_at > as_of or Flag.TEST in one.flags:
            continue
        if one.kind is Kind.HAZARD:
            told[name][one.notice_id] = one
        elif one.kind is Kind.EXPOSURE and one.provider is not None:
            exposed[name].add(one.provider)
    for name in sorted(told):
        yield _hazard(name, list(told[name].values()), exposed[name], touched.get(name, ()), as_of)


def _hazard(
    name: str, notices: Sequence[Notice], exposed: Iterable[str], touched: Iterable[str], as_of: datetime
) -> HazardDocument:  # fmt: skip
    ordered = sorted(notices, key=lambda one: (one.received_at, one.notice_id))
    facts = [fact_of(one) for one in ordered]
    over = hazard_over(facts[0].member, facts, as_of)
    area = next((one.area for one in reversed(ordered) if one.area is not None), None)
    location, radius_km = (None, None) if area is None else circle(area)
    incidents = tuple(sorted(set(touched)))
    begins = [one.claimed_at for one in ordered if one.claimed_at is not None]
    return HazardDocument(
        hazard=name,
        title=None if over is None else over.title,
        severity=next((one.severity for one in reversed(ordered) if one.severity), None),
        phase=ordered[-1].phase.value,
        started_at=min(begins, default=ordered[0].order_at),
        ended_at=None if over is None else over.end,
        location=location,
        radius_km=radius_km,
        area=None if area is None else area.description,
        providers=tuple(sorted(exposed)),
        incidents=incidents,
        incident_count=len(incidents),
    )


def circle(area: Area) -> tuple[Location | None, float | None]:
    """Return the middle of an area, and the radius in kilometres of a circle around it that holds the area.

    The middle is that of gravity, on a plane of degrees that is shortened towards the poles; over the antimeridian
    too. An area of geocodes only has neither.
    """
    shapes = list(_shapes(area))
    if not shapes:
        return None, None
    middle = unary_union([make_valid(shape) for shape in shapes]).centroid
    latitude, longitude = middle.y, (middle.x + 180) % 360 - 180
    points = [distance_km(latitude, longitude, north, east) for ring in area.polygons for north, east in ring]
    points += [distance_km(latitude, longitude, north, east) + reach for north, east, reach in area.circles]
    return Location(lat=round(latitude, 5), lon=round(longitude, 5)), round(max(points), 1)


def _shapes(area: Area) -> Iterator[Polygon]:
    """Yield the area's parts on a plane of degrees; over the antimeridian longitudes run on past 180."""
    longitudes = [east for ring in area.polygons for _, east in ring] + [east for _, east, _ in area.circles]
    crosses = bool(longitudes) and max(longitudes) - min(longitudes) > 180
    for ring in area.polygons:
        yield Polygon([(east % 360 if crosses else east, north) for north, east in ring])
    for north, east, reach in area.circles:
        yield _disc(north, east % 360 if crosses else east, reach)


def _disc(latitude: float, longitude: float, radius_km: float) -> Polygon:
    """Return a circle on the plane of degrees."""
    disc = Point(longitude, latitude).buffer(radius_km / DEGREE_KM)
    return scale(disc, xfact=1 / max(cos(radians(latitude)), 0.01), origin=(longitude, latitude))
