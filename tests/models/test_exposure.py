"""Which sites lie in an area: edges, the antimeridian, broken rings, circles; and whom that exposes."""

import pytest

from models.documents import Documents
from models.exposure import contains, distance_km, exposures, withdrawn
from models.notice import Area, Flag, Kind, Phase, Speaker
from models.provider import Provider
from tests.support.samples import notice

SQUARE = ((53.0, 9.0), (54.0, 9.0), (54.0, 11.0), (53.0, 11.0), (53.0, 9.0))
BOW_TIE = ((0.0, 0.0), (2.0, 2.0), (2.0, 0.0), (0.0, 2.0), (0.0, 0.0))
OVER_THE_LINE = ((-20.0, 178.0), (-15.0, 178.0), (-15.0, -178.0), (-20.0, -178.0), (-20.0, 178.0))
WRITTEN_PAST_180 = ((-20.0, 178.0), (-15.0, 178.0), (-15.0, 182.0), (-20.0, 182.0), (-20.0, 178.0))
FLAT = ((0.0, 0.0), (0.0, 1.0), (0.0, 2.0), (0.0, 0.0))


@pytest.mark.parametrize(
    ("ring", "latitude", "longitude", "inside"),
    [
        (SQUARE, 53.5, 10, True),
        (SQUARE, 53, 10, True),
        (SQUARE, 54, 11, True),
        (SQUARE, 52.99, 10, False),
        (SQUARE, 10, 53.5, False),
        (BOW_TIE, 1.0, 0.2, False),
        (BOW_TIE, 0.2, 1.0, True),
        (BOW_TIE, 1.9, 1.0, True),
        (BOW_TIE, 1.0, 1.8, False),
        (OVER_THE_LINE, -17, 179.5, True),
        (OVER_THE_LINE, -17, -179.5, True),
        (OVER_THE_LINE, -17, 0, False),
        (WRITTEN_PAST_180, -17, -179.5, True),
        (WRITTEN_PAST_180, -17, 179.5, True),
        (WRITTEN_PAST_180, -17, -170, False),
        (FLAT, 0.0, 1.5, True),
        (FLAT, 0.1, 1.5, False),
    ],
)
def test_points_and_rings(
    ring: tuple[tuple[float, float], ...], latitude: float, longitude: float, inside: bool
) -> None:
    assert contains(Area(polygons=(ring,)), latitude, longitude) is inside


@pytest.mark.parametrize(
    ("radius", "longitude", "inside"),
    [(120.0, 11.5, True), (90.0, 11.5, False), (0.0, 10.0, True), (0.0, 10.001, False)],
)
def test_points_and_circles(radius: float, longitude: float, inside: bool) -> None:
    assert contains(Area(circles=((53.55, 10.0, radius),)), 53.55, longitude) is inside


def test_a_circle_reaches_over_the_antimeridian() -> None:
    assert contains(Area(circles=((-17.0, 179.9, 50.0),)), -17.0, -179.9)


def test_codes_alone_hold_no_point() -> None:
    assert not contains(Area(geocodes=(("UGC", "MTZ014"),)), 47, -112)


def test_distances_are_great_circles() -> None:
    assert distance_km(0, 0, 0, 180) == pytest.approx(20015.1, abs=0.1)
    assert distance_km(90, 0, -90, 123) == pytest.approx(20015.1, abs=0.1)
    assert distance_km(51.5, 0.0, 40.7, -74.0) == pytest.approx(5570, rel=0.005)


HAMBURG = {"name": "Hamburg", "lat": 53.55, "lon": 10.0}
KIEL = {"name": "Kiel", "lat": 53.8, "lon": 10.1}
OSLO = {"name": "Oslo", "lat": 59.9, "lon": 10.7}


def documents(**sites):
    """One provider with these sites; mail needs all of them, web none."""
    provider = {
        "apiVersion": "holdfast/v1", "kind": "Provider", "id": "nimbus", "name": "Nimbus", "sites": sites,
        "services": {"mail": {"sites": list(sites)}, "web": {}},
    }  # fmt: skip
    return Documents.of([Provider.model_validate(provider)])


def storm(**fields):
    """A warning over the square."""
    values = {
        "source": "weather", "source_incident_id": "storm-7", "speaker": Speaker.AUTHORITY, "provider": None,
        "kind": Kind.HAZARD, "services": (), "area": Area(polygons=(SQUARE,)),
    }  # fmt: skip
    return notice(**{**values, **fields})


def test_a_site_in_the_area_exposes_the_services_that_stand_there():
    (told,) = exposures(storm(), documents(ham=HAMBURG, osl=OSLO))
    assert (told.kind, told.provider, told.services, told.area) == (Kind.EXPOSURE, "nimbus", ("mail",), None)
    assert told.text == "Site Hamburg inside the area."
    assert (told.source_incident_id, told.claimed_at) == ("storm-7", storm().claimed_at)


def test_two_sites_are_both_named():
    (told,) = exposures(storm(), documents(ham=HAMBURG, kie=KIEL))
    assert told.text == "Sites Hamburg, Kiel inside the area."
    assert told.notice_id != exposures(storm(), documents(ham=HAMBURG))[0].notice_id


@pytest.mark.parametrize(
    "fields",
    [{"kind": Kind.INCIDENT}, {"area": None}, {"flags": (Flag.TEST,)}, {"area": Area(circles=((0.0, 0.0, 1.0),))}],
    ids=["no hazard", "no area", "an exercise", "elsewhere"],
)
def test_what_exposes_nobody(fields):
    assert exposures(storm(**fields), documents(ham=HAMBURG)) == ()


@pytest.mark.parametrize(
    ("phase", "text"),
    [(Phase.CANCELLED, "The warning was cancelled."), (Phase.UPDATE, "No site is inside the area any more.")],
)
def test_an_exposure_that_is_over_says_why(phase, text):
    told = withdrawn(storm(phase=phase), "storm-7", "nimbus", ["mail"])
    assert (told.kind, told.phase, told.text) == (Kind.EXPOSURE, Phase.CANCELLED, text)
    assert (told.provider, told.services, told.source_incident_id) == ("nimbus", ("mail",), "storm-7")
    assert told.notice_id != withdrawn(storm(phase=phase), "storm-7", "other", ["mail"]).notice_id
