"""A meter answers as ``measure`` does, whatever comes when; and what it calls changed is all that changed."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from models.case import same_reading
from models.clocks import measure
from models.fact import Fact
from models.meter import Meter
from models.notice import Flag, Kind, Phase, Speaker
from tests.support.incidents import BEGIN, INCIDENTS, agreements, facts, minute

LATER = st.integers(0, 90)
FLAGS = [()] * 12 + [(Flag.BACKFILLED,), (Flag.AUTOMATIC_REPLY,), (Flag.TEST,), (Flag.VANISHED,)]


@st.composite
def threads(draw):
    """Return a long incident told in order, as most are: plain updates, some turns, witnesses, an edit, a late one."""
    found, at = [], 0
    for number in range(draw(st.integers(2, 14))):
        at += draw(st.integers(0, 90))
        ours = draw(st.integers(0, 5)) == 0
        phase = draw(
            st.sampled_from([Phase.UPDATE] * 8 + [Phase.ENGAGED, Phase.RESTORED, Phase.RESOLVED, Phase.REOPENED])
        )
        phase = (
            Phase.REPORTED
            if number == 0
            else draw(st.sampled_from([Phase.REPORTED, Phase.RESTORED]))
            if ours
            else phase
        )
        looked = draw(st.sampled_from([None, None, 1, 5, 200]))
        late = draw(st.sampled_from([0] * 9 + [60]))
        found.append(
            Fact(
                notice_id=f"n{number}",
                source="probe" if ours else "status",
                source_incident_id=draw(st.sampled_from(["i"] * 9 + ["j"])),
                update_id=f"u{draw(st.sampled_from([number] * 9 + [max(0, number - 1)]))}",
                speaker=Speaker.MONITOR if ours else Speaker.PROVIDER,
                kind=Kind.INCIDENT,
                phase=phase,
                received_at=minute(at),
                received_after=None if looked is None else minute(at - looked),
                published_at=draw(st.sampled_from([minute(at - late), minute(at - late), None])),
                claimed_at=draw(st.sampled_from([None, None, minute(at), minute(max(0, at - 30))])),
                claimed_end_at=draw(st.sampled_from([None] * 9 + [minute(at)])),
                promised_at=draw(st.sampled_from([None, None, minute(at + 20)])),
                severity=draw(st.sampled_from([None, "minor", "minor", "minor", "major"])),
                text_digest=draw(st.sampled_from([None, "a", str(number), str(number)])),
                flags=draw(st.sampled_from(FLAGS)),
            )
        )  # fmt: skip
    return found


@st.composite
def flaps(draw):
    """Return an incident of a probe that fails and recovers in turns, while the provider says little."""
    found, at, is_down, is_tidy = [], 0, False, draw(st.integers(0, 3)) > 0
    always = draw(st.sampled_from([None, 1]))
    for number in range(draw(st.integers(6, 14))):
        at += draw(st.integers(1, 12) | st.integers(0, 40))
        ours = number > 0 and draw(st.integers(0, 9)) > 0
        turn = Phase.RESTORED if is_down else Phase.REPORTED
        is_down = is_down != ours
        phase = draw(st.sampled_from([turn] * (12 if is_tidy else 4) + [Phase.REPORTED, Phase.UPDATE][is_tidy:]))
        claim = (
            None if is_tidy else draw(st.sampled_from([None, None, minute(max(0, at - 4)), minute(max(0, at - 50))]))
        )
        looked = always if is_tidy else draw(st.sampled_from([None, None, None, 3]))
        found.append(
            Fact(
                notice_id=f"n{number}",
                source="probe" if ours else "status",
                source_incident_id=draw(st.sampled_from(["i"] * 19 + ["j"])),
                update_id=f"u{number}",
                speaker=draw(st.sampled_from([Speaker.MONITOR] * 19 + [Speaker.CUSTOMER]))
                if ours
                else Speaker.PROVIDER,
                kind=Kind.INCIDENT,
                phase=phase
                if ours
                else draw(st.sampled_from([Phase.ENGAGED, Phase.UPDATE, Phase.UPDATE, Phase.RESOLVED])),
                received_at=minute(at),
                received_after=None if looked is None else minute(at - looked),
                claimed_at=claim,
                severity=None if ours else "minor",
                recovery_point_at=None if is_tidy else draw(st.sampled_from([None] * 19 + [minute(1)])),
                text_digest=str(number),
            )
        )
    return found


def check(told, version, waits):
    meter, said, last = Meter(version), {}, BEGIN - timedelta(days=1)
    for position, (fact, wait) in enumerate(zip(told, waits, strict=False)):
        meter.add(fact)
        last = max(last, fact.received_at) + timedelta(minutes=wait)
        expected = measure(told[: position + 1], version, last)
        change = meter.changed(last)
        now = {(one.objective, one.basis, one.ordinal): one for one in expected}
        assert change.gone == said.keys() - now.keys()
        news = {(one.objective, one.basis, one.ordinal): one for one in change.readings}
        assert news.keys() == {key for key, one in now.items() if key not in said or not same_reading(said[key], one)}
        assert all(now[key] == one for key, one in news.items())
        said = now
        assert meter.readings(last) == expected
    assert meter.readings(BEGIN) == measure(told, version, BEGIN)


@given(threads(), agreements(), st.lists(LATER, min_size=14, max_size=14))
def test_what_is_told_in_order_reads_as_if_measured_whole(told, version, waits):
    check(told, version, waits)


@given(flaps(), agreements(), st.lists(LATER, min_size=14, max_size=14))
def test_a_probe_that_flaps_reads_as_if_measured_whole(told, version, waits):
    check(told, version, waits)


@given(INCIDENTS, agreements(), st.lists(LATER, min_size=9, max_size=9))
def test_what_is_told_in_any_order_reads_as_if_measured_whole(told, version, waits):
    check(told, version, waits)


@given(threads(), facts(), agreements(), st.integers(0, 14))
def test_one_fact_that_comes_late_changes_what_it_would_have_changed_in_time(told, late, version, position):
    check([*told[:position], late, *told[position:]], version, [0] * 15)
