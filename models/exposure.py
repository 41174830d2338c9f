"""Exposure: which providers' sites lie inside a hazard's area (measurement.md §9). Pure.

Distances are great circles on a sphere of 6371.0088 km (wrong by at most 0.5 %). Polygons are straight lines in
latitude and longitude, as CAP means them; a ring whose longitudes span more than 180 degrees is taken to cross the
antimeridian. Rings that cross themselves are repaired. A hazard that names its area by geocodes only exposes nobody:
turning codes into places takes tables that are not part of this version.
"""

from collections.abc import Iterable, Sequence
from math import asin, cos, radians, sin, sqrt

from shapely import Point, Polygon, make_valid

from models.documents import Documents
from models.ids import stable_id
from models.notice import Area, Flag, Kind, Notice, Phase
from models.provider import Provider, Site

EARTH_RADIUS_KM = 6371.0088


def exposures(hazard: Notice, documents: Documents) -> tuple[Notice, ...]:
    """Return an exposure notice for each provider with a site inside a hazard's area, in the documents' order.

    It keeps the hazard's phase, times and ids, so that updates and cancellations pass on. Tests and exercises expose
    nobody.

    Args:
        hazard: a notice of kind hazard; for others, and without an area, the result is empty.
        documents: whose providers.
    """
    if hazard.kind is not Kind.HAZARD or hazard.area is None or Flag.TEST in hazard.flags:
        return ()
    found = []
    for provider in documents.providers.values():
        inside = {key: site for key, site in provider.sites.items() if contains(hazard.area, site.lat, site.lon)}
        if inside:
            found.append(_exposure(hazard, provider, inside))
    return tuple(found)


def withdrawn(hazard: Notice, incident_id: str, provider: str, services: Sequence[str]) -> Notice:
    """Return the notice that an earlier exposure is over: the warning was cancelled, or no longer covers the sites.

    Args:
        hazard: the message that ends it.
        incident_id: of the hazard under which the exposure was told.
        provider: id of the provider that was exposed.
        services: its services that were.
    """
    is_cancelled = hazard.phase is Phase.CANCELLED
    return hazard.model_copy(
        update={
            "notice_id": stable_id(hazard.notice_id, incident_id, provider, "withdrawn"),
            "kind": Kind.EXPOSURE,
            "phase": Phase.CANCELLED,
            "source_incident_id": incident_id,
            "provider": provider,
            "services": tuple(services),
            "text": "The warning was cancelled." if is_cancelled else "No site is inside the area any more.",
            "area": None,
        }
    )


def contains(area: Area, latitude: float, longitude: float) -> bool:
    """Tell whether a point lies in one of an area's polygons or circles; their edges belong to them."""
    return any(_in_ring(ring, latitude, longitude) for ring in area.polygons) or any(
        distance_km(centre_latitude, centre_longitude, latitude, longitude) <= radius
        for centre_latitude, centre_longitude, radius in area.circles
    )


def distance_km(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Return the great-circle distance of two points in kilometres (haversine; right over the antimeridian too).

    >>> round(distance_km(53.55, 10.0, 52.52, 13.405))
    255
    """
    north, other_north = radians(latitude), radians(other_latitude)
    chord = sin((other_north - north) / 2) ** 2
    chord += cos(north) * cos(other_north) * sin(radians(other_longitude - longitude) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(chord)))


def _in_ring(ring: Sequence[tuple[float, float]], latitude: float, longitude: float) -> bool:
    longitudes = [point[1] for point in ring]
    crosses = max(longitudes) - min(longitudes) > 180
    shape = Polygon([(east % 360 if crosses else east, north) for north, east in ring])
    if not shape.is_valid:
        shape = make_valid(shape)
    return any(shape.covers(Point(longitude + turn, latitude)) for turn in (-360, 0, 360))


def _exposure(hazard: Notice, provider: Provider, inside: dict[str, Site]) -> Notice:
    services = [name for name, service in provider.services.items() if set(service.sites) & set(inside)]
    return hazard.model_copy(
        update={
            "notice_id": stable_id(hazard.notice_id, provider.id, *sorted(inside)),
            "kind": Kind.EXPOSURE,
            "provider": provider.id,
            "services": tuple(services),
            "text": f"{_sites_text(inside.values())} inside the area.",
            "area": None,
        }
    )


def _sites_text(sites: Iterable[Site]) -> str:
    names = [site.name for site in sites]
    return f"{'Site' if len(names) == 1 else 'Sites'} {', '.join(names)}"
