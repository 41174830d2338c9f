"""Calendars that the tests of service hours share, and times as people of a zone write them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from models.calendar import Calendar
from models.calendar_spec import CalendarSpec

OFFICE = {"mon-thu": ["08:00-12:30", "13:00-18:00"], "fri": ["08:00-15:00"]}
BERLIN_HOLIDAYS = [{"country": "DE", "subdivision": "BE"}, {"date": "2026-12-24", "hours": ["08:00-12:00"]}]
NIGHTS = {"mon-fri": ["22:00-06:00"]}
WHOLE_DAYS = {"mon-sun": ["00:00-24:00"]}


def calendar(hours, zone="Europe/Berlin", holidays=()):
    """Return the calendar that a contract would have by these keys."""
    return Calendar.of(CalendarSpec.model_validate({"hours": hours, "holidays": list(holidays)}), zone)


def office():
    """Return the office of the worked examples."""
    return calendar(OFFICE, holidays=BERLIN_HOLIDAYS)


def local(text, zone="Europe/Berlin"):
    """Return ``2026-05-04 10:00`` of a zone as UTC; ``*`` after it means the second time it is that late."""
    moment = datetime.fromisoformat(text.rstrip("*")).replace(tzinfo=ZoneInfo(zone), fold=int(text.endswith("*")))
    return moment.astimezone(UTC)
