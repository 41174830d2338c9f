"""A meter's answers, case by case: whatever was left out, they are those of measuring the incident whole."""

from datetime import timedelta

import pytest

from models.clocks import measure
from models.meter import Meter
from models.moment import Moment
from models.notice import Phase, Speaker
from models.outage import Outage
from models.reading import Gauge, Run, Which, read
from models.records import Basis, Objective
from tests.support.timeline import Timeline, agreement, at

HOUR = timedelta(hours=1)


def stepwise(line):
    """Add the facts one by one; at each the meter reads what measuring whole does."""
    meter, told = Meter(line.version), []
    for fact in line.facts:
        meter.add(fact)
        meter.add(fact)
        told.append(fact)
        now = max(one.received_at for one in told) + timedelta(minutes=1)
        assert meter.readings(now) == measure(told, line.version, now)
    return meter


def probe(line, when, phase, *, speaker=Speaker.MONITOR, **fields):
    """A word of one probe, in one record."""
    values = {"source": "probes", "source_incident_id": "mail", "update_id": f"{phase.value}-{when}", "severity": None}
    return line.say(speaker, at(when), phase, **{**values, **fields})


def flapping(*more):
    """A probe that fails and recovers four times in half an hour, and then what is given."""
    line = Timeline(agreement(restore="4h", update="1h", stability_window="30m"))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    for minute in (5, 15, 25, 35):
        probe(line, f"10:{minute:02}", Phase.REPORTED)
        probe(line, f"10:{minute + 4:02}", Phase.RESTORED)
    for when, phase, fields in more:
        probe(line, when, phase, **fields)
    return line


@pytest.mark.parametrize(
    "more",
    [
        [],
        [("10:45", Phase.REPORTED, {}), ("12:00", Phase.RESTORED, {})],
        [("12:00", Phase.REPORTED, {}), ("12:10", Phase.RESTORED, {})],
        [("10:45", Phase.RESTORED, {})],
        [("10:45", Phase.REPORTED, {"claimed_at": at("10:20")})],
        [("10:20", Phase.REPORTED, {})],
        [("10:45", Phase.REPORTED, {"source_incident_id": "web"})],
        [("10:45", Phase.REPORTED, {"speaker": Speaker.CUSTOMER})],
        [("10:45", Phase.REPORTED, {"recovery_point_at": at("09:00")})],
    ],
    ids=[
        "nothing else", "down again for long", "a return after the window", "two recoveries", "a claim from before",
        "a word out of order", "another record", "a person", "a recovery point",
    ],
)  # fmt: skip
def test_a_probe_that_flaps(more):
    stepwise(flapping(*more))


def test_a_meter_made_again_from_its_facts_reads_the_same():
    line = flapping()
    assert Meter(line.version, line.facts).readings(at("11:00")) == stepwise(line).readings(at("11:00"))


def test_silence_at_a_priority_without_a_promise_is_no_clock():
    line = Timeline(agreement(update="1h", priority_change="reset"))
    line.provider("10:00", Phase.REPORTED, begin="10:00", severity="minor")
    line.provider("10:10", Phase.UPDATE, text_digest="a", severity="minor")
    for when in ("10:40", "11:30", "11:50"):
        line.provider(when, Phase.UPDATE, text_digest=when)
    stepwise(line)
    gaps = [one.started_at for one in line.readings("12:00") if (one.objective, one.basis) == ("update", "agreed")]
    assert at("10:00") not in gaps


def test_of_several_outages_one_without_a_known_end_bounds_nothing():
    run = Run(
        (
            Outage(Moment.point(at("10:00")), Moment.point(at("11:00"))),
            Outage(Moment.point(at("12:00")), Moment(at("13:00"), None)),
        )
    )
    reading = read(run, Which(Objective.RESTORE, Basis.OBSERVED, 0, ()), Gauge(4 * HOUR, "p1"), at("15:00"))
    assert (reading.elapsed.least, reading.elapsed.most, reading.verdict.value) == (2 * HOUR, None, "indeterminate")
