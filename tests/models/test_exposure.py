"""Which sites lie in an area: edges, the antimeridian, broken rings, circles."""

import pytest

from models.exposure import contains, distance_km
from models.notice import Area

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
