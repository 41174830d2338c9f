"""What the board says about clocks, pages and their order."""

import doctest
from datetime import timedelta

import pytest

import board.render
from board.announce import announcements
from board.live import SILENT_S, SOURCES, Connections, Health, Live
from board.paging import next_page, page_views
from board.standing import Standing, apart_s, judge_all, standing_of, tally
from board.state import BoardState, Dossier
from board.view import CARDS_AT_MOST, BoardView, board_view, card_of
from holdfast.clock import Clock
from models.paging import Outcome, RungState, Side
from models.records import Basis, IncidentStatus, Objective, Verdict
from models.topics import Names
from tests.board.scenes import noc
from tests.support import samples
from tests.support.samples import STARTED, later


def _view(*records, at=60.0) -> BoardView:
    state = BoardState()
    for record in records:
        state.apply(record)
    return board_view(state, {}, later(at))


@pytest.mark.parametrize(
    ("at", "verdict", "standing"),
    [
        (0, Verdict.RUNNING, Standing.RUNNING),
        (119.9, Verdict.RUNNING, Standing.RUNNING),
        (120, Verdict.RUNNING, Standing.WARNING),
        (240, Verdict.RUNNING, Standing.WARNING),
        (240.1, Verdict.RUNNING, Standing.AT_LIMIT),
        (300, Verdict.OVERDUE, Standing.OVERDUE),
        (0, Verdict.OVERDUE, Standing.OVERDUE),
        (300, Verdict.BREACHED, Standing.BREACHED),
        (300, Verdict.INDETERMINATE, Standing.INDETERMINATE),
    ],
)
def test_time_alone_makes_warnings_and_only_the_engine_makes_verdicts(at, verdict, standing) -> None:
    """A stop at the target is met, so the target itself is still a warning."""
    assert standing_of(samples.clock(verdict=verdict), later(at)) is standing


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_has_a_standing_with_words(verdict) -> None:
    assert standing_of(samples.clock(verdict=verdict), STARTED).words


def _both(claimed: dict, observed: dict) -> float | None:
    return apart_s(samples.clock(basis=Basis.CLAIMED, **claimed), samples.clock(basis=Basis.OBSERVED, **observed))


STOPPED = {"stopped_at": later(50), "elapsed_min_s": 3000.0, "elapsed_max_s": 3000.0}


@pytest.mark.parametrize(
    ("claimed", "observed", "expected"),
    [
        (STOPPED, {**STOPPED, "elapsed_max_s": 4200.0}, 1200.0),
        ({"started_at": later(11)}, {"started_at": later(0)}, 660.0),
        (STOPPED, {}, None),
        ({"started_at": None}, {}, None),
    ],
)
def test_the_difference_between_claimed_and_observed(claimed, observed, expected) -> None:
    """Of stopped clocks their elapsed times, of running ones their starts, of one of each nothing."""
    assert _both(claimed, observed) == expected


def test_an_objective_without_an_agreed_clock_is_not_judged() -> None:
    assert judge_all([samples.clock(basis=Basis.CLAIMED)]) == []


def test_missed_updates_are_counted_in_one_line() -> None:
    gaps = [
        samples.clock(number, objective=Objective.UPDATE, verdict=verdict).model_copy(update={"ordinal": number})
        for number, verdict in enumerate((Verdict.MET, Verdict.BREACHED, Verdict.BREACHED, Verdict.RUNNING))
    ]
    (line,) = tally(judge_all(gaps), later(10))
    assert (line.objective, line.standing, line.count, line.missed) == (Objective.UPDATE, Standing.BREACHED, 3, 2)


def test_the_most_pressing_incident_comes_first() -> None:
    """Overdue, warning, running; restored last, whatever else."""
    view = _view(
        samples.incident(0),
        samples.clock(0),
        samples.incident(1),
        samples.clock(1, verdict=Verdict.OVERDUE),
        samples.incident(2),
        samples.clock(2, warnings=(), due_at=later(70)),
        samples.incident(3, status=IncidentStatus.RESTORED),
        samples.clock(3, verdict=Verdict.OVERDUE),
        at=130,
    )
    assert [card.source_incident_id for card in view.cards] == ["inc-1", "inc-2", "inc-0", "inc-3"]
    assert [card.standing for card in view.cards] == [
        Standing.OVERDUE, Standing.AT_LIMIT, Standing.WARNING, Standing.OVERDUE,
    ]  # fmt: skip


def test_the_summary_counts_incidents_and_names_the_next_due() -> None:
    view = _view(*(one for one in noc(later(0)) if hasattr(one, "incident_id")), at=0)
    summary = view.summary
    assert (summary.open, summary.overdue, summary.at_risk, summary.breached) == (5, 1, 1, 1)
    assert (summary.next_due, summary.next_due_at) == ("polaris · update", later(4))
    assert len(view.ended) == 3


def test_a_flood_of_incidents_is_counted_whole_and_shown_in_part() -> None:
    """The most pressing stay; what has no card is counted."""
    flood = [samples.incident(number) for number in range(CARDS_AT_MOST + 5)]
    view = _view(*flood, samples.clock(CARDS_AT_MOST + 4, verdict=Verdict.OVERDUE))
    assert (view.summary.open, view.summary.unshown, len(view.cards)) == (CARDS_AT_MOST + 5, 5, CARDS_AT_MOST)
    assert view.cards[0].source_incident_id == f"inc-{CARDS_AT_MOST + 4}"


def test_without_an_agreement_nothing_is_judged() -> None:
    (card,) = _view(samples.incident(agreement=None)).cards
    assert (card.standing, card.clocks, card.tallies) == (None, (), ())


def test_the_latest_attempt_is_the_outcome_of_a_page() -> None:
    """Within one attempt what became of it outranks that it was begun; without any it is queued."""
    attempts = [
        samples.delivery(0, 2, Outcome.SENDING, finished_at=later(182)),
        samples.delivery(0, 1, Outcome.UNKNOWN, finished_at=later(183)),
        samples.delivery(0, 2, Outcome.SENT, finished_at=later(181)),
    ]
    views = page_views([samples.page(0), samples.page(1)], attempts)
    assert {(view.outcome, view.attempt) for view in views} == {("sent", 2), ("queued", 0)}


def test_a_paused_clock_is_shown_without_a_countdown() -> None:
    """Its instant moves as long as the pause lasts: nothing is due, nothing presses, and the card still says why."""
    paused = samples.clock(verdict=Verdict.PAUSED, due_at=None, warnings=(), reason="awaiting customer", paused_s=60.0)
    view = _view(samples.incident(), paused, samples.plan(rungs=(samples.planned_page(due_at=None),), next_due_at=None))
    (card,) = view.cards
    assert (card.standing, card.clocks[0].due_at, card.next_page) == (Standing.PAUSED, None, None)
    assert (view.summary.next_due_at, view.summary.overdue, view.summary.at_risk) == (None, 0, 0)
    html = board.render.Renderer().fragment(card.incident_id, card, later(60))
    assert "paused" in html
    assert "awaiting customer" in html
    assert "data-due" not in html
    respond = samples.clock(1, incident_id=card.incident_id, objective=Objective.RESPOND)
    (both,) = _view(samples.incident(), paused, respond).cards
    assert [clock.standing for clock in both.clocks] == [Standing.RUNNING, Standing.PAUSED]


def test_a_lost_page_is_counted() -> None:
    view = _view(samples.incident(), samples.page(), samples.delivery(outcome=Outcome.FAILED))
    assert view.summary.undelivered == 1


def test_the_next_page_names_everybody_on_its_rung() -> None:
    rungs = (
        samples.planned_page(0, recipient_name="Desk", due_at=later(200)),
        samples.planned_page(1, recipient_name="NOC", rung=0, due_at=later(180)),
        samples.planned_page(2, recipient_name="NOC", rung=0, due_at=later(180), channel="email"),
        samples.planned_page(3, recipient_name="Gone", due_at=later(1), state=RungState.SENT),
        samples.planned_page(4, recipient_name="Never", due_at=None),
    )
    coming = next_page(samples.plan(rungs=rungs), later(0))
    assert coming is not None
    assert (coming.recipients, coming.side, coming.is_due) == (("NOC by webhook", "NOC by email"), Side.CUSTOMER, False)
    assert next_page(None, later(0)) is None
    assert next_page(samples.plan(rungs=rungs[3:]), later(0)) is None


def test_a_merged_incident_has_no_next_page_though_its_last_plan_names_instants_ahead() -> None:
    """The plan keeps when each rung would have been told, suppressed as told elsewhere."""
    rung = samples.planned_page(0, due_at=later(200), state=RungState.SUPPRESSED, reason="duplicate: told elsewhere")
    plan = samples.plan(rungs=(rung,))
    assert card_of(Dossier(samples.incident(), (), plan, (), ()), None, later(0)).next_page is not None
    merged = samples.incident(status=IncidentStatus.MERGED, merged_into="the-other")
    assert card_of(Dossier(merged, (), plan, (), ()), None, later(0)).next_page is None


def test_only_changes_for_the_worse_are_spoken() -> None:
    calm = _view(samples.incident(), samples.clock(), at=60).cards
    warned = _view(samples.incident(), samples.clock(), at=120).cards
    overdue = _view(samples.incident(0, 2), samples.clock(0, 2, verdict=Verdict.OVERDUE), at=250).cards
    breached = _view(samples.incident(0, 3), samples.clock(0, 3, verdict=Verdict.BREACHED), at=260).cards
    assert announcements((), calm) == ["New incident: nimbus, Mail is delayed"]
    assert announcements(calm, calm) == []
    assert announcements(calm, warned) == ["Warning: nimbus, restore"]
    assert announcements(warned, overdue) == ["Overdue: nimbus, restore"]
    assert announcements(overdue, breached) == ["Breached: nimbus, restore"]
    assert announcements(breached, ()) == ["No longer open: nimbus, Mail is delayed"]


def test_a_view_does_not_change_while_only_time_passes() -> None:
    """Views hold instants, not ages: nothing is drawn again between two stages."""
    records = (samples.incident(), samples.clock(), samples.plan(), samples.page(), samples.delivery())
    assert _view(*records, at=10) == _view(*records, at=11)


def test_examples_in_the_documentation_of_the_renderer() -> None:
    assert doctest.testmod(board.render).failed == 0


def test_whatever_a_provider_says_is_text() -> None:
    hostile = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
    view = _view(samples.incident(title=hostile, provider="a&b", services=(hostile,), source_incident_id=hostile))
    html = board.render.Renderer().fragment(view.cards[0].incident_id, view.cards[0], later(60))
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize(
    ("late_after", "late_s", "said"),
    [(60, 60.0, False), (60, 60.5, True), (600, 599.0, False), (600, 601.0, True), (3600, 601.0, False)],
    ids=["at the limit", "past it", "before a longer one", "past a longer one", "a fast clock's long minute"],
)
def test_a_page_is_called_late_from_the_engines_own_limit_on(late_after: int, late_s: float, said: bool) -> None:
    """By the setting that the engine marks late pages by, which grows with a faster clock."""
    view = _view(samples.incident(), samples.page(late_s=late_s))
    renderer = board.render.Renderer(timedelta(seconds=late_after))
    html = renderer.fragment(view.cards[0].incident_id, view.cards[0], later(200))
    assert (f"paged {board.render.span(late_s)} late" in html) is said


def test_a_source_that_falls_silent_is_in_trouble_whatever_the_reason() -> None:
    """A reader that hangs reports no error; its silence is measured in real seconds, also on a fast clock."""
    clock = Clock(Clock.from_text(None).now().timestamp(), STARTED, 600.0)
    nowhere = Connections({"hosts": ["http://127.0.0.1:9"]}, {"bootstrap_servers": ["127.0.0.1:9"]}, Names())
    live = Live(nowhere, clock, clock.speed, board.render.Renderer())
    assert not live.is_current
    for source in SOURCES:
        live.health[source] = Health(clock.now(), None)
    assert live.is_current
    live.health["kafka"] = Health(clock.now() - timedelta(seconds=600 * (SILENT_S + 5)), None)
    assert "has not answered for" in str(live.check("kafka").trouble)
    assert live.beat()["since"] is not None


def test_a_long_silence_is_written_in_days() -> None:
    assert board.render.countdown(STARTED, STARTED + timedelta(days=3, hours=2)) == "+3 d 2 h"
