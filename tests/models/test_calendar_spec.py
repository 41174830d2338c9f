"""How service hours are written, and what is refused with which words."""

from datetime import date

import pytest
from pydantic import ValidationError

from models import calendar_spec
from models.calendar_spec import CalendarSpec
from models.holiday import public_holidays
from models.opening import DAYS, Window, parse_week, parse_windows

MORNING = ["08:00-12:00"]
KEYS = {
    "one day": ("wed", "wed"),
    "a range": ("mon-fri", "mon tue wed thu fri"),
    "a range over the weekend": ("fri-mon", "mon fri sat sun"),
    "a range that ends before it begins": ("wed-tue", "mon tue wed thu fri sat sun"),
    "several": ("mon, wed,fri-sat", "mon wed fri sat"),
}


@pytest.mark.parametrize("case", KEYS)
def test_days_are_named(case):
    key, expected = KEYS[case]
    week = parse_week({key: MORNING})
    assert [day for day, windows in zip(DAYS, week, strict=True) if windows] == expected.split()


def test_windows_are_sorted_and_read_back():
    windows = parse_windows(["13:00-24:00", " 08:00 - 12:30 "])
    assert windows == (Window(480, 750), Window(780, 1440))
    assert [str(window) for window in windows] == ["08:00-12:30", "13:00-24:00"]
    assert str(Window.parse("22:00-06:00")) == "22:00-06:00"


TODAY = {"date": "2026-05-04"}
REFUSED = {
    "an unknown day": ({"hours": {"sunday": MORNING}}, "'sunday' in 'sunday' is no day.*did you mean sun"),
    "a day like none": ({"hours": {"x": MORNING}}, "'x' in 'x' is no day: write mon"),
    "a broken range": ({"hours": {"mon-": MORNING}}, "'' in 'mon-' is no day"),
    "a range of one day": ({"hours": {"mon-mon": MORNING}}, "write 'mon' for one day, mon-sun for all"),
    "a day under two keys": ({"hours": {"mon-fri": MORNING, "fri": MORNING}}, "fri stands in 'mon-fri' and in 'fri'"),
    "a day twice in one key": ({"hours": {"mon,mon-tue": MORNING}}, "names a day twice"),
    "no window": ({"hours": {"mon": ["8-12"]}}, "'8-12' is no window: write 08:00-12:30"),
    "an hour that no clock shows": ({"hours": {"mon": ["08:00-25:00"]}}, "is no window"),
    "a close after 24:00": ({"hours": {"mon": ["08:00-24:30"]}}, "closes by 24:00"),
    "an opening at 24:00": ({"hours": {"mon": ["24:00-08:00"]}}, "opens by 23:59"),
    "an empty window": ({"hours": {"mon": ["08:00-08:00"]}}, "is empty; for a whole day write 00:00-24:00"),
    "windows that overlap": ({"hours": {"mon": ["08:00-12:00", "11:59-13:00"]}}, "08:00-12:00 and 11:59-13:00 overlap"),
    "two nights on one day": ({"hours": {"mon": ["20:00-06:00", "22:00-07:00"]}}, "overlap"),
    "a night that runs into the next day's hours": (
        {"hours": {"mon": ["22:00-06:00"], "tue": ["05:00-07:00"]}},
        "window 22:00-06:00 of mon runs into 05:00-07:00 of tue",
    ),
    "sunday's night into monday": ({"hours": {"sun": ["22:00-06:00"], "mon": ["05:00-07:00"]}}, "of sun runs into"),
    "hours that are no hours": ({"hours": "24/7"}, "hours are 24x7, or windows by day such as"),
    "no hours at all": ({"hours": {}}, "never opens: name at least one window"),
    "days without windows": ({"hours": {"mon-fri": []}}, "never opens: name at least one window"),
    "an unknown zone": ({"hours": "24x7", "timezone": "Europe/Atlantis"}, "no IANA time zone"),
    "an unknown country": ({"hours": "24x7", "holidays": [{"country": "XX"}]}, "no holidays are known of country 'XX'"),
    "a country by its name": (
        {"hours": "24x7", "holidays": [{"country": "Germany"}]},
        "write an ISO 3166 code such as DE; did you mean DE?",
    ),
    "a country nearly by its name": ({"hours": "24x7", "holidays": [{"country": "Swizerland"}]}, "did you mean CH"),
    "an unknown subdivision": (
        {"hours": "24x7", "holidays": [{"country": "DE", "subdivision": "QQQ"}]}, "DE has no subdivision 'QQQ': known"),
    "a subdivision by its name": (
        {"hours": "24x7", "holidays": [{"country": "DE", "subdivision": "Berlin"}]}, "did you mean BE"),
    "a subdivision nearly right": (
        {"hours": "24x7", "holidays": [{"country": "DE", "subdivision": "ber"}]}, "did you mean BE"),
    "a subdivision of a country that has none": (
        {"hours": "24x7", "holidays": [{"country": "VA", "subdivision": "AB"}]}, "'AB': none are known"),
    "a date twice": ({"hours": "24x7", "holidays": [TODAY, TODAY]}, "2026-05-04 stands twice"),
    "half-day hours that are none": (
        {"hours": "24x7", "holidays": [TODAY | {"hours": ["noon"]}]}, "'noon' is no window"),
    "a date of no calendar": ({"hours": "24x7", "holidays": [{"date": "2026-02-30"}]}, "valid date"),
    "an unknown key of a holiday": ({"hours": "24x7", "holidays": [TODAY | {"day": 1}]}, "Extra inputs"),
    "a country and a date at once": ({"hours": "24x7", "holidays": [TODAY | {"country": "DE"}]}, "Extra inputs"),
    "a holiday that says nothing": ({"hours": "24x7", "holidays": [{}]}, "Field required"),
    "a holiday that is a word": ({"hours": "24x7", "holidays": ["DE"]}, "valid dictionary"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case):
    written, words = REFUSED[case]
    with pytest.raises(ValidationError, match=words):
        CalendarSpec.model_validate(written)


def test_holidays_that_close_every_opening_for_good_are_refused(monkeypatch):
    def fridays(country, subdivision, year):
        days = (date.fromordinal(day) for day in range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()))
        return frozenset(day for day in days if day.weekday() == 4)

    monkeypatch.setattr(calendar_spec, "public_holidays", fridays)
    holidays = [{"country": "IR"}]
    assert CalendarSpec.model_validate({"hours": {"thu-fri": MORNING}, "holidays": holidays})
    with pytest.raises(ValidationError, match="its holidays close every day"):
        CalendarSpec.model_validate({"hours": {"fri": MORNING}, "holidays": holidays})


def test_always_is_what_never_closes_however_it_is_written():
    assert CalendarSpec(hours="24x7").is_always
    assert CalendarSpec(hours={"mon-sun": ("00:00-24:00",)}).is_always
    assert not CalendarSpec(hours={"mon-sat": ("00:00-24:00",)}).is_always
    assert not CalendarSpec.model_validate({"hours": "24x7", "holidays": [{"date": "2026-12-25"}]}).is_always


def test_a_calendar_is_read_back_from_what_is_stored_of_it():
    holidays = [{"country": "DE", "subdivision": "BE"}, TODAY | {"hours": MORNING}, {"country": "SE"}]
    spec = CalendarSpec.model_validate({"hours": {"mon-thu": MORNING}, "timezone": "Asia/Tokyo", "holidays": holidays})
    back = CalendarSpec.model_validate_json(spec.model_dump_json())
    assert back == spec
    assert back.rules == spec.rules
    assert CalendarSpec.model_validate({"hours": spec.hours, "holidays": spec.holidays}).holidays == spec.holidays


def test_the_order_and_the_repetition_of_holidays_do_not_matter():
    one, other = {"country": "DE"}, {"country": "DE", "subdivision": "BE"}
    first = CalendarSpec.model_validate({"hours": "24x7", "holidays": [one, other, one]})
    assert first.rules == CalendarSpec.model_validate({"hours": "24x7", "holidays": [other, one]}).rules


def test_public_holidays_are_those_of_the_place():
    assert date(2026, 3, 8) in public_holidays("DE", "BE", 2026)
    assert date(2026, 3, 8) not in public_holidays("DE", None, 2026)
    assert public_holidays("DE", None, 2190) == frozenset()
