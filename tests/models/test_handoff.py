"""What whoever takes over has to know: what is open, what comes next, what was said, who has duty."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.documents import Documents
from models.handoff import Shift, handoff
from models.matter import Matter
from models.paging import Answered, Outcome, RungState, Side
from models.records import IncidentStatus, Verdict
from models.rota import Rota
from models.summing_up import handoff_sections, plain
from tests.support import samples
from tests.support.reviews import contract, matter, meeting

NOW = samples.later(200)
SHIFT = Shift(NOW - timedelta(hours=8), NOW)
DOCUMENTS = Documents.of([contract()])


def rota():
    """Return two of ours in daily turns at noon, UTC."""
    people = {name: {"name": name.title(), "side": "customer"} for name in ("ada", "bo")}
    layer = {"members": list(people), "timezone": "UTC", "since": "2026-05-01", "handover": "daily 12:00"}
    content = {"apiVersion": "holdfast/v1", "kind": "Rota", "id": "noc", "members": people, "layers": [layer]}
    return Rota.model_validate(content)


def running(ordinal=0, **fields):
    """Return an open incident with a running clock, a plan, and a page that nobody answered."""
    base = matter(ordinal, **fields)
    incident_id = base.incident.incident_id
    common = {"incident_id": incident_id, "agreement_version": "2026-01-01"}
    clocks = (
        samples.clock(ordinal, **common, clock_id=f"later-{ordinal}"),
        samples.clock(ordinal, **common, clock_id=f"sooner-{ordinal}", due_at=samples.later(210)),
        samples.clock(ordinal, **common, clock_id=f"paused-{ordinal}", due_at=None, verdict=Verdict.PAUSED),
    )
    page = samples.page(ordinal, incident_id=incident_id)
    plan = samples.plan(ordinal, incident_id=incident_id)
    return replace(base, clocks=clocks, pages=(page,), plan=plan, facts=base.facts)


def summed(*matters, said=(), rotas=(), shift=SHIFT):
    """Return the handoff of a shift."""
    return handoff(shift, matters, said, DOCUMENTS, rotas)


def test_running_clocks_come_by_what_falls_due_next_and_paused_ones_last():
    found = summed(running())
    assert [clock.clock_id for _, clock in found.clocks] == ["sooner-0", "later-0", "paused-0"]
    text = plain("Handoff", handoff_sections(found))
    assert "2026-05-04 13:00 restore, 10m left" in text
    assert "restore is paused" in text


def test_incidents_come_by_priority_then_by_age():
    found = summed(running(0, priority="p2"), running(1, priority="p1"), running(2, priority=None))
    assert [one.priority for one in found.incidents] == ["p1", "p2", None]


def test_promises_that_are_not_kept_yet_are_told_with_their_time():
    shift = Shift(samples.later(-60), samples.later(20))
    ((_, promise),) = summed(running(), shift=shift).promises
    assert promise.promised_at == samples.later(30)
    assert "2026-05-04 10:00 next word (broken)" in plain("", handoff_sections(summed(running())))


@pytest.mark.parametrize(
    ("state", "loop", "is_next"),
    [
        (RungState.WAITING, None, True),
        (RungState.DUE, None, True),
        (RungState.SENT, samples.later(300), True),
        (RungState.SENT, None, False),
        (RungState.ACKNOWLEDGED, samples.later(300), False),
        (RungState.SUPPRESSED, None, False),
        (RungState.WITHDRAWN, None, False),
    ],
)
def test_who_is_paged_next_is_told_with_repetitions(state, loop, is_next):
    rung = samples.planned_page(0, state=state, next_loop_at=loop)
    one = replace(running(), plan=samples.plan(0, rungs=(rung,)))
    assert bool(summed(one).nexts) is is_next


def answered(action, **fields):
    """Return an answer of our side at the instant of the page."""
    values = {"action": action, "side": Side.CUSTOMER, "person": "ada", "identity": "token", "at": samples.later(185)}
    return Answered(**{**values, **fields})


def test_a_page_that_somebody_answered_is_not_told():
    assert [page.recipient for _, page in summed(running()).unacknowledged] == ["duty"]
    one = replace(running(), plan=samples.plan(0, answers=(answered("acknowledge"),)))
    assert summed(one).unacknowledged == ()


@pytest.mark.parametrize(
    ("answers", "count"),
    [
        ((answered("mute", until=samples.later(240)),), 1),
        ((answered("mute", until=samples.later(199)),), 0),
        ((answered("mute", until=samples.later(240)), answered("unmute", at=samples.later(190))), 0),
        ((answered("mute", until=samples.later(240)), answered("unmute", side=Side.PROVIDER)), 1),
    ],
    ids=["in force", "over", "lifted", "lifted by the other side"],
)
def test_mutes_in_force_are_told_with_their_end(answers, count):
    found = summed(replace(running(), plan=samples.plan(0, answers=answers)))
    assert len(found.mutes) == count
    assert ("until 2026-05-04 13:30" in plain("", handoff_sections(found))) is bool(count)


@pytest.mark.parametrize(
    ("outcomes", "count"),
    [((Outcome.FAILED,), 1), ((Outcome.FAILED, Outcome.SENT), 0), ((Outcome.RETRYING,), 0)],
    ids=["given up", "brought after all", "still tried"],
)
def test_pages_that_could_not_be_delivered_in_the_shift_are_told(outcomes, count):
    tries = tuple(samples.delivery(0, number, outcome) for number, outcome in enumerate(outcomes, 1))
    assert len(summed(replace(running(), deliveries=tries)).undelivered) == count


def test_only_what_was_said_in_the_shift_is_told():
    lately = meeting("2026-04", "2026-05-04 10:00", subject="Call about the disks", kind="call")
    before = meeting("2026-04", "2026-05-03 10:00")
    found = summed(said=(before, lately))
    assert found.communications == (lately,)
    assert "Call about the disks" in plain("", handoff_sections(found))


def test_who_had_duty_and_who_will_have_it():
    found = summed(rotas=[rota()], shift=Shift(samples.later(-90), samples.later(150)))
    assert [(one.name, one.begin, one.is_ahead) for one in found.duties] == [
        ("Ada", samples.later(-90), False),
        ("Bo", samples.later(150), True),
    ]


def test_a_turn_that_changes_within_the_shift_changes_at_its_own_hour():
    found = summed(rotas=[rota()], shift=Shift(samples.later(-100), samples.later(200)))
    changes = [(one.name, one.begin) for one in found.duties if not one.is_ahead]
    assert changes == [("Ada", samples.later(-100)), ("Bo", samples.later(150))]


def test_where_nothing_is_open_it_says_so_in_one_line():
    (section,) = handoff_sections(summed())
    assert section.lines == ("Nothing is open, and nothing happened since 2026-05-04 04:50 UTC.",)
    assert not summed(running()).is_quiet


def test_an_incident_that_ended_in_the_shift_is_told_once():
    over = Matter(samples.incident(0, status=IncidentStatus.RESOLVED, resolved_at=samples.later(100)))
    assert (len(summed(over).ended), len(summed(over, over).incidents)) == (1, 0)
    long_ago = replace(over, incident=over.incident.model_copy(update={"resolved_at": samples.later(-900)}))
    assert summed(long_ago).ended == ()


@given(st.permutations([running(0), running(1), running(2, priority="p2"), running(0)]))
def test_order_and_copies_change_nothing(matters):
    assert summed(*matters) == summed(running(0), running(1), running(2, priority="p2"))
