"""Made-up storms over the sites of providers, and planned maintenance. Pure."""

from datetime import datetime, timedelta
from functools import lru_cache
from math import cos, pi, radians, sin
from random import Random

from holdfast.sample.cast import CITIES, SERVICES
from holdfast.sample.incidents import Voice
from holdfast.sample.shape import Shape, Traits
from models.documents import Documents
from models.exposure import contains, exposures
from models.notice import Area, Kind, Notice, Phase, Speaker

SOURCE = "weather"
STORMS_PER_MONTH = 3
KM_PER_DEGREE = 111.2


@lru_cache(maxsize=512)
def storms(shape: Shape, month: int) -> tuple[tuple[Notice, ...], ...]:
    """Return the hazards of a month, each a warning, an update and its end, in the order of their begin."""
    chance = shape.chance("storms", month)
    begin, end = shape.month(month), shape.month(month + 1)
    days = (end - begin).days
    found = []
    for number in range(1, STORMS_PER_MONTH + 1):
        onset = begin + timedelta(days=chance.uniform(1, days - 4))
        found.append(_storm(f"storm-{begin:%Y-%m}-{number}", onset.replace(microsecond=0), chance))
    return tuple(sorted(found, key=lambda told: told[0].order_at))


def _storm(name: str, onset: datetime, chance: Random) -> tuple[Notice, ...]:
    city, lat, lon, _, _ = chance.choice(CITIES)
    centre = (round(lat + chance.uniform(-0.4, 0.4), 3), round(lon + chance.uniform(-0.4, 0.4), 3))
    area = _area(centre, chance.randint(60, 220), chance, f"Around {city}")
    expires = onset + timedelta(hours=chance.randint(10, 40))
    severity = chance.choice(("moderate", "severe", "severe", "extreme"))
    common = {"kind": Kind.HAZARD, "severity": severity, "title": f"Storm around {city}", "area": area}
    voice = Voice(SOURCE, name, Speaker.AUTHORITY, common)
    span = {"claimed_at": onset, "claimed_end_at": expires}
    voice.say(
        Phase.REPORTED, onset - timedelta(hours=chance.randint(2, 9)), "Gusts and heavy rain are expected.", **span
    )
    voice.say(Phase.UPDATE, onset + timedelta(hours=2), "The storm has arrived.", **span)
    early = {**span, "claimed_end_at": expires - timedelta(hours=2)}
    voice.say(Phase.UPDATE, expires - timedelta(hours=3), "The storm passes earlier.", **early)
    return tuple(voice.said)


def _area(centre: tuple[float, float], radius_km: int, chance: Random, words: str) -> Area:
    """Return a circle, or every other time a ring of eight points, as warnings have both."""
    if chance.random() < 0.5:
        return Area(description=words, circles=((*centre, float(radius_km)),))
    north, east = radius_km / KM_PER_DEGREE, radius_km / KM_PER_DEGREE / cos(radians(centre[0]))
    turns = [2 * pi * place / 8 for place in range(8)]
    ring = [(round(centre[0] + north * cos(one), 3), round(centre[1] + east * sin(one), 3)) for one in turns]
    return Area(description=words, polygons=((*ring, ring[0]),))


@lru_cache(maxsize=512)
def exposed(shape: Shape, month: int, providers: "Providers") -> dict[str, tuple[Notice, ...]]:
    """Return the exposures of a month by provider."""
    found: dict[str, list[Notice]] = {}
    for told in storms(shape, month):
        if not any(contains(told[0].area, city[1], city[2]) for city in CITIES if told[0].area is not None):
            continue
        for one in (one for notice in told for one in exposures(notice, providers.documents)):
            found.setdefault(one.provider or "", []).append(one)
    return {provider: tuple(told) for provider, told in found.items()}


class Providers:
    """Documents as a key: one history has one of these."""

    def __init__(self, documents: Documents) -> None:
        """Keep the documents."""
        self.documents = documents


def maintenance(one: Traits, begin: datetime, number: str, chance: Random) -> tuple[Notice, ...]:
    """Return one announced maintenance: most are announced in time, and some take longer than announced."""
    start = (begin + timedelta(days=chance.randint(5, 25), hours=chance.choice((0, 1, 2)))).replace(microsecond=0)
    end = start + timedelta(hours=chance.choice((1, 2, 3)))
    said = start - timedelta(hours=chance.choice((24, 96, 120)))
    service = chance.choice(SERVICES[one.kind])
    common = {
        "kind": Kind.MAINTENANCE,
        "provider": one.provider,
        "services": (service,),
        "title": f"Maintenance of {service}",
    }
    voice = Voice(f"{one.provider}-status", f"mnt-{number}", Speaker.PROVIDER, common)
    voice.say(Phase.REPORTED, said, "We are going to replace hardware.", claimed_at=start, claimed_end_at=end)
    voice.say(Phase.ENGAGED, start, "The work has begun.", claimed_at=start, claimed_end_at=end)
    over = end + timedelta(minutes=chance.choice((-20, -5, 0, 45)))
    voice.say(Phase.RESOLVED, over, "The work is done.", claimed_at=start, claimed_end_at=over)
    return tuple(voice.said)


def hazard_name(notice: Notice) -> str:
    """Return how incidents name a hazard: ``source/source_incident_id``."""
    return f"{notice.source}/{notice.source_incident_id}"
