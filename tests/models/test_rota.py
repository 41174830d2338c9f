"""Rotas: whose turn it is, in any zone, where clocks change, with hours, holidays and overrides."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.documents import from_wire, to_wire
from models.opening_spans import CalendarRangeError
from models.paging import Side
from models.provider import Contact
from models.rota import Layer, Rota, find
from tests.models import rota_oracle

PEOPLE = ("ana", "ben", "kim")
APIA = {"timezone": "Pacific/Apia", "handover": "daily 09:00", "since": "2011-12-29"}
OFFICE = {"mon-fri": ("09:00-17:00",)}


def rota(*layers: dict[str, Any], overrides: Any = (), side: str = "customer") -> Rota:
    """Return a rota of three people; layers name the keys that matter."""
    return Rota.model_validate({
        "apiVersion": "holdfast/v1", "kind": "Rota", "id": "noc",
        "members": {name: {"name": name.title(), "side": side} for name in PEOPLE},
        "layers": [{"members": PEOPLE, "timezone": "Europe/Berlin", "since": "2026-01-05", **one} for one in layers],
        "overrides": overrides,
    })  # fmt: skip


def at(text: str) -> datetime:
    """Return an instant of text with an offset."""
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("layer", "when", "who"),
    [
        ({}, "2026-01-05T08:59:59+01:00", None),
        ({}, "2026-01-05T09:00+01:00", "ana"),
        ({}, "2026-01-12T08:59:59.999999+01:00", "ana"),
        ({}, "2026-01-12T09:00+01:00", "ben"),
        ({}, "2026-01-26T09:00+01:00", "ana"),
        ({"since": "2026-01-07"}, "2026-01-12T08:59+01:00", None),
        ({"since": "2026-01-07"}, "2026-01-12T09:00+01:00", "ana"),
        ({"since": "2026-01-06", "handover": "mon 09:00"}, "2026-01-12T09:00+01:00", "ana"),
        # Clocks go forward on 29 March: the handover stays at nine by the wall.
        ({}, "2026-03-30T08:59+02:00", "kim"),
        ({}, "2026-03-30T09:00+02:00", "ana"),
        ({}, "2026-10-26T08:59+01:00", "kim"),
        ({}, "2026-10-26T09:00+01:00", "ana"),
        ({"timezone": "America/New_York"}, "2026-03-09T08:59-04:00", "kim"),
        ({"timezone": "America/New_York"}, "2026-03-09T09:00-04:00", "ana"),
        ({"timezone": "Australia/Lord_Howe", "handover": "sun 01:45"}, "2026-04-05T01:44+11:00", "kim"),
        ({"timezone": "Australia/Lord_Howe", "handover": "sun 01:45"}, "2026-04-05T01:45+11:00", "ana"),
        # The half hour from 01:30 comes twice: the first one counts, and nobody takes it back.
        ({"timezone": "Australia/Lord_Howe", "handover": "sun 01:45"}, "2026-04-05T01:30+10:30", "ana"),
        ({"timezone": "Asia/Kathmandu"}, "2026-01-12T08:59+05:45", "ana"),
        ({"timezone": "Asia/Kathmandu"}, "2026-01-12T03:15Z", "ben"),
        # 02:30 is skipped: turns change when the clocks do.
        ({"handover": "sun 02:30"}, "2026-03-29T01:59+01:00", "ben"),
        ({"handover": "sun 02:30"}, "2026-03-29T03:00+02:00", "kim"),
        ({"handover": "sun 02:30"}, "2026-10-25T02:30+02:00", "kim"),
        ({"handover": "sun 02:30"}, "2026-10-25T02:10+01:00", "kim"),
        ({"handover": "daily 08:00"}, "2026-01-06T07:59+01:00", "ana"),
        ({"handover": "daily 08:00"}, "2026-01-06T08:00+01:00", "ben"),
        ({"handover": "daily 08:00", "turns": 2}, "2026-01-06T08:00+01:00", "ana"),
        ({"handover": "daily 08:00", "turns": 2}, "2026-01-07T08:00+01:00", "ben"),
        ({"turns": 2}, "2026-01-18T09:00+01:00", "ana"),
        ({"turns": 2}, "2026-01-19T09:00+01:00", "ben"),
        ({"members": ["kim"]}, "2031-07-01T00:00Z", "kim"),
        # Clocks go back over midnight: 00:00 has come, though the clock shows the day before again.
        (
            {"timezone": "America/St_Johns", "handover": "daily 00:00", "since": "2009-10-31"},
            "2009-11-01T00:00:30-02:30",
            "ben",
        ),
        (
            {"timezone": "America/St_Johns", "handover": "daily 00:00", "since": "2009-10-31"},
            "2009-10-31T23:30-03:30",
            "ben",
        ),
        # Samoa had no 30 December 2011: that turn ends with the next handover.
        (APIA, "2011-12-31T08:00+14:00", "ben"),
        (APIA, "2011-12-31T09:00+14:00", "kim"),
    ],
)  # fmt: skip
def test_whose_turn_it_is(layer: dict[str, Any], when: str, who: str | None) -> None:
    assert rota(layer).on_duty(at(when)) == who


SUN = rota(
    {"members": ["kim"], "timezone": "America/New_York",
     "hours": {"hours": OFFICE, "holidays": [{"country": "US"}]}},
    {"members": ["ben"], "timezone": "Asia/Kathmandu", "hours": {"hours": {"mon-sun": ("22:00-06:00",)}}},
    {"members": ["ana"]},
)  # fmt: skip


@pytest.mark.parametrize(
    ("when", "who", "why"),
    [
        ("2026-05-05T10:00-04:00", "kim", "the first layer is open"),
        ("2026-07-03T13:00-04:00", "ben", "Independence Day, observed: the layer below it"),
        ("2026-07-03T10:00-04:00", "ana", "a holiday, before the second layer opens"),
        ("2026-05-05T08:59-04:00", "ana", "before anybody's hours"),
        ("2026-05-06T00:10+05:45", "ben", "a shift over midnight, and New York has closed"),
        ("2026-05-06T06:00+05:45", "ana", "the shift's end is exclusive"),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value else "",
)
def test_duty_follows_the_sun_and_falls_through_on_holidays(when: str, who: str, why: str) -> None:
    local = at(when)
    # 00:10 in Kathmandu is 14:25 in New York the day before: there the first layer still has duty.
    expected = "kim" if local == at("2026-05-06T00:10+05:45") else who
    assert SUN.on_duty(local) == expected, why


def over(begin: str, end: str, member: str) -> dict[str, str]:
    return {"from": f"2026-05-{begin}:00+02:00", "until": f"2026-05-{end}:00+02:00", "member": member}


@pytest.mark.parametrize(
    ("when", "who"),
    [("04T08:59", "ana"), ("04T09:00", "ben"), ("04T11:59", "ben"), ("04T12:00", "kim"), ("04T17:59", "kim"),
     ("04T18:00", "ana")],
)  # fmt: skip
def test_overrides_are_half_open_and_the_last_one_of_two_counts(when: str, who: str) -> None:
    one = rota(
        {"members": ["ana"]}, overrides=[over("04T09:00", "04T15:00", "ben"), over("04T12:00", "04T18:00", "kim")]
    )
    assert one.on_duty(at(f"2026-05-{when}:00+02:00")) == who


def test_an_override_counts_before_the_first_turn_and_outside_all_hours() -> None:
    one = rota({"since": "2030-01-01", "hours": {"hours": OFFICE}}, overrides=[over("02T00:00", "03T00:00", "kim")])
    assert one.on_duty(at("2026-05-02T12:00+02:00")) == "kim"
    assert one.on_duty(at("2026-05-03T12:00+02:00")) is None


ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns", "UTC")
CHANGES = ("2009-03-06", "2009-10-23", "2026-03-06", "2026-03-27", "2026-10-02", "2026-10-30", "2026-06-12")
"""Some days before clocks change in one of the zones, and a week in which none do."""
WINDOWS = st.sampled_from([("09:00-17:00",), ("00:00-24:00",), ("22:00-06:00",), ("00:00-03:30", "12:00-24:00"), ()])


@st.composite
def layers(draw: Any, first: date) -> dict[str, Any]:
    zone = draw(st.sampled_from(ZONES))
    word = draw(st.sampled_from(["daily", "daily", *rota_oracle.NAMES]))
    hour, minute = draw(st.sampled_from([(0, 0), (0, 30), (1, 45), (2, 0), (2, 30), (9, 0), (23, 59)]))
    layer = {
        "members": draw(st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=3)), "timezone": zone,
        "since": (first + timedelta(days=draw(st.integers(-3, 6)))).isoformat(),
        "handover": f"{word} {hour:02}:{minute:02}", "turns": draw(st.integers(1, 3)),
    }  # fmt: skip
    hours = {name: windows for name in ("tue", "thu", "sat") if (windows := draw(WINDOWS))}
    if hours and draw(st.booleans()):
        holiday = (first + timedelta(days=draw(st.integers(0, 6)))).isoformat()
        layer["hours"] = {"hours": hours, "holidays": [{"date": holiday, "hours": list(draw(WINDOWS))}]}
    return layer


@st.composite
def rotas(draw: Any) -> tuple[dict[str, Any], datetime]:
    first = date.fromisoformat(draw(st.sampled_from(CHANGES)))
    begin = datetime(first.year, first.month, first.day, tzinfo=UTC)
    overrides = []
    for _ in range(draw(st.integers(0, 3))):
        since = begin + timedelta(minutes=draw(st.integers(-600, 6000)))
        until = since + timedelta(minutes=draw(st.integers(1, 3000)))
        member = draw(st.sampled_from(PEOPLE))
        overrides.append({"from": since.isoformat(), "until": until.isoformat(), "member": member})
    found = draw(st.lists(layers(first), min_size=1, max_size=3))
    return {"layers": found, "overrides": overrides}, begin + timedelta(minutes=draw(st.integers(0, 2000)))


@given(rotas())
def test_duty_is_what_a_walk_minute_by_minute_finds(case: tuple[dict[str, Any], datetime]) -> None:
    written, begin = case
    minutes = 4 * 1440
    expected = rota_oracle.duty(written, begin, minutes)
    ours = rota(*written["layers"], overrides=written["overrides"])
    assert list(ours.turns(begin, begin + timedelta(minutes=minutes))) == rota_oracle.spans(begin, expected)
    for step in range(0, minutes, 97):
        assert ours.on_duty(begin + timedelta(minutes=step)) == expected[step]


@given(rotas(), st.integers(1, 30 * 86_400))
def test_turns_cover_an_interval_without_a_hole_and_neighbours_differ(
    case: tuple[dict[str, Any], datetime], length_s: int
) -> None:
    written, begin = case
    end = begin + timedelta(seconds=length_s)
    ours = rota(*written["layers"], overrides=written["overrides"])
    turns = list(ours.turns(begin, end))
    assert (turns[0][0], turns[-1][1]) == (begin, end)
    for one, other in pairwise(turns):
        assert one[1] == other[0]
        assert one[2] != other[2]
    tick = timedelta(microseconds=1)
    for since, until, who in turns:
        assert ours.on_duty(since) == ours.on_duty(until - tick) == who
    assert list(ours.gaps(begin, end)) == [(since, until) for since, until, who in turns if who is None]


def test_no_time_has_no_turns() -> None:
    now = at("2026-05-04T12:00Z")
    assert list(rota({}).turns(now, now)) == []
    assert list(rota({}).turns(now, now - timedelta(1))) == []


def test_a_century_away_no_rota_knows_anything() -> None:
    with pytest.raises(CalendarRangeError):
        rota({}).on_duty(at("2301-01-01T00:00Z"))


def test_a_layer_says_when_it_begins() -> None:
    assert rota({"since": "2026-01-06"}).layers[0].begins_at == at("2026-01-12T09:00+01:00")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"timezone": "Europe/Berln"}, "is no IANA time zone"),
        ({"handover": "monday 9:00"}, "String should match pattern"),
        ({"handover": "mon 24:00"}, "String should match pattern"),
        ({"turns": 0}, "greater than or equal to 1"),
        ({"turns": 53}, "less than or equal to 52"),
        ({"members": []}, "at least 1 item"),
        ({"members": ["zoe", "ana"]}, "zoe in layers or overrides, but not in members"),
        ({"since": 20260101}, "is no date"),
        ({"since": "1969-12-31"}, "outside the years that calendars know"),
        ({"since": "2199-01-01"}, "outside the years that calendars know"),
    ],
)
def test_a_layer_that_leads_nowhere_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        rota(change)


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (over("04T09:00", "04T09:00", "ben"), "ends later than it begins"),
        (over("04T09:00", "04T10:00", "zoe"), "zoe in layers or overrides"),
        ({**over("04T09:00", "04T10:00", "ben"), "from": "2026-05-04T09:00:00"}, "timezone"),
    ],
)
def test_an_override_that_can_not_be_is_refused(one: dict[str, str], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        rota({}, overrides=[one])


def test_a_rota_is_of_one_side() -> None:
    assert rota({}, side="provider").side is Side.PROVIDER
    written = rota({}).model_dump(mode="json", by_alias=True)
    written["members"]["ben"]["side"] = "provider"
    with pytest.raises(ValidationError, match="on one side"):
        Rota.model_validate(written)


def test_a_rota_is_the_same_after_the_wire() -> None:
    one = rota({"hours": {"hours": OFFICE}}, overrides=[over("04T09:00", "04T15:00", "ben")])
    one.on_duty(at("2026-05-05T10:00Z"))
    assert from_wire(to_wire(one)) == one


NOC = Contact(name="NOC", side=Side.CUSTOMER)
NOON = at("2026-05-05T12:00Z")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("desk", ("desk", NOC, None)),
        ("noc", ("kim", SUN.members["kim"], "noc")),
        ("nobody", ("nobody", None, None)),
        ("later", ("later", None, "later")),
        ("both", ("both", NOC, None)),
    ],
    ids=["a contact", "a rota", "a name that leads nowhere", "a rota in a gap", "a contact before a rota"],
)
def test_whom_a_policy_means(name: str, found: tuple[str, Contact | None, str | None]) -> None:
    known = {"noc": SUN, "later": rota({"since": "2030-01-01"}), "both": SUN}
    assert find(name, {"desk": NOC, "both": NOC}, known, at("2026-05-05T10:00-04:00")) == found


def test_hours_of_another_zone_than_the_layers_are_kept() -> None:
    layer = rota({"hours": {"hours": OFFICE, "timezone": "Asia/Kathmandu"}}).layers[0]
    assert isinstance(layer, Layer)
    assert layer.is_open(at("2026-05-05T09:00+05:45"))
    assert not layer.is_open(at("2026-05-05T17:00+05:45"))
