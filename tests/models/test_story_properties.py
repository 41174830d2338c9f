"""Whatever is told of an incident, a story says nothing else than the verdict that it is the story of."""

from hypothesis import given
from hypothesis import strategies as st

from models.agreement import Agreement
from models.case import clock_name
from models.clocks import measure
from models.notice import Phase
from models.story import story
from tests.support.incidents import INCIDENTS, LAST_MINUTE, agreements, minute
from tests.support.timeline import Timeline, agreement, at


def contract(version):
    """Return an agreement with one version, as contracts are told."""
    fields = {"apiVersion": "holdfast/v1", "kind": "Agreement", "id": "hosting", "provider": "nimbus", "customer": "us"}
    return Agreement(**fields, contract="sla", versions=(version,)), version


@given(INCIDENTS, agreements(), st.integers(0, LAST_MINUTE))
def test_every_reading_has_a_story_that_says_nothing_else_than_it(incident, version, count):
    for reading in measure(incident, version, minute(count)):
        told = story(incident, contract(version), clock_name(reading), minute(count))
        assert told is not None
        assert told.reading == reading
        assert told.clause.target == reading.target
        if reading.started_at is not None:
            assert told.start is not None
            assert told.start.at.earliest == reading.started_at
        assert [one.at for one in told.ahead] == list(reading.wakes)


def test_closed_time_after_the_limit_moves_the_breach_to_the_next_opening():
    calendars = {"office": {"hours": {"mon-fri": ["09:00-17:00"]}, "timezone": "Europe/Berlin"}}
    targets = [{"objective": "restore", "p1": "1h", "calendar": "office"}]
    line = Timeline(agreement(targets=targets, calendars=calendars))
    line.provider("14:00", Phase.REPORTED, begin="14:00")
    told = story(line.facts, contract(line.version), "restore|agreed|0", at("14:20"))
    assert [(f"{one.at:%d %H:%M}", one.what) for one in told.ahead] == [
        ("04 15:00", "the target is used up: after this it is overdue"),
        ("05 07:00", "service hours begin again: from here on it is overdue"),
    ]
