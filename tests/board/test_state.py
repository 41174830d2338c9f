"""The board's state is a join: copies, old copies and any order give the same board."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from board.state import ORPHAN_ROUNDS, RECENT_FOR, BoardState, Record, newer
from models.paging import Delivery, Outcome
from models.records import IncidentStatus, Verdict
from tests.support import samples

NOW = samples.later(60)


def _contents(state: BoardState) -> object:
    return [state.dossier(one.incident_id) for one in (*state.open(), *state.recent(NOW))]


def _revision(draw_from: int) -> st.SearchStrategy[Record]:
    """Return revisions of a few documents whose content is decided by their revision, as the engine's is."""
    ordinals, revisions = st.integers(0, 2), st.integers(1, draw_from)
    return st.one_of(
        st.builds(lambda o, r: samples.incident(o, r, status=list(IncidentStatus)[r % 3]), ordinals, revisions),
        st.builds(lambda o, r: samples.clock(o, r, verdict=list(Verdict)[r]), ordinals, revisions),
        st.builds(samples.plan, ordinals, revisions),
        st.builds(lambda o: samples.page(o), ordinals),
        st.builds(lambda o, a: samples.delivery(o, a, Outcome.SENT), ordinals, st.integers(1, 3)),
    )


@given(st.lists(_revision(5), max_size=30), st.randoms(use_true_random=False))
def test_order_and_copies_do_not_matter(records: list[Record], random) -> None:
    """Any permutation of the records, with copies, gives the same board."""
    ordered, shuffled = BoardState(), BoardState()
    for record in records:
        ordered.apply(record)
    mixed = [*records, *records]
    random.shuffle(mixed)
    for record in mixed:
        shuffled.apply(record)
    assert _contents(shuffled) == _contents(ordered)


def test_an_old_revision_never_replaces_a_new_one() -> None:
    state = BoardState()
    assert state.apply(samples.clock(0, 3, verdict=Verdict.BREACHED))
    assert not state.apply(samples.clock(0, 2))
    assert not state.apply(samples.clock(0, 3, verdict=Verdict.BREACHED))
    state.apply(samples.incident(0))
    dossier = state.dossier(samples.incident(0).incident_id)
    assert dossier is not None
    assert [clock.verdict for clock in dossier.clocks] == [Verdict.BREACHED]


def test_an_incident_out_of_view_is_not_brought_back_by_an_old_copy() -> None:
    state = BoardState()
    ended = samples.incident(0, 5, status=IncidentStatus.RESOLVED, resolved_at=samples.later(5))
    state.apply(ended)
    state.prune(samples.later(5) + RECENT_FOR + timedelta(seconds=1))
    assert state.dossier(ended.incident_id) is None
    assert not state.apply(samples.incident(0, 4))
    assert state.open() == []
    assert state.apply(samples.incident(0, 6))  # reopened
    assert [one.revision for one in state.open()] == [6]


def test_a_clock_may_come_before_its_incident() -> None:
    state = BoardState()
    state.apply(samples.clock(0))
    state.prune(NOW)
    state.apply(samples.incident(0))
    state.prune(NOW)
    dossier = state.dossier(samples.incident(0).incident_id)
    assert dossier is not None
    assert len(dossier.clocks) == 1


def test_documents_whose_incident_never_comes_are_forgotten() -> None:
    state = BoardState()
    state.apply(samples.clock(0))
    for _ in range(ORPHAN_ROUNDS + 1):
        state.prune(NOW)
    state.apply(samples.incident(0))
    dossier = state.dossier(samples.incident(0).incident_id)
    assert dossier is not None
    assert dossier.clocks == ()


def test_merged_incidents_are_not_listed_as_ended() -> None:
    state = BoardState()
    state.apply(samples.incident(0, status=IncidentStatus.MERGED, merged_into="other"))
    assert state.open() == []
    assert state.recent(NOW) == []


def test_joining_two_views_of_an_incident_keeps_the_newest_of_each_document() -> None:
    index, stream = BoardState(), BoardState()
    for state, revision in ((index, 1), (stream, 2)):
        state.apply(samples.incident(0, 3 - revision))
        state.apply(samples.clock(0, revision))
    index.apply(samples.delivery(0))
    left, right = (state.dossier(samples.incident(0).incident_id) for state in (index, stream))
    assert left is not None
    joined = newer(left, right)
    assert (joined.incident.revision, joined.clocks[0].revision, len(joined.deliveries)) == (2, 2, 1)
    assert isinstance(joined.deliveries[0], Delivery)
    assert newer(left, None) == left
