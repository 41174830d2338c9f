"""What the deliveries on record mean for the next attempt, and which offsets may be committed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.attempts import NEVER_TRIED, DeliveryHistory, OpenOffsets, Standing
from consumers.backoff import Backoff
from models.paging import Outcome
from tests.support import samples

SENDING, SENT, FAILED = Outcome.SENDING, Outcome.SENT, Outcome.FAILED
RETRYING, UNKNOWN = Outcome.RETRYING, Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("told", "standing"),
    [
        ([], NEVER_TRIED),
        ([(1, SENDING)], Standing(1, SENDING, False)),
        ([(1, SENDING), (1, RETRYING)], Standing(1, RETRYING, False)),
        ([(1, SENDING), (1, UNKNOWN)], Standing(1, UNKNOWN, True)),
        ([(1, SENDING), (1, UNKNOWN), (2, SENDING), (2, RETRYING)], Standing(2, RETRYING, True)),
        ([(2, SENDING), (1, RETRYING)], Standing(2, SENDING, False)),
    ],
)
def test_an_unfinished_page_stands_where_its_last_record_says(
    told: list[tuple[int, Outcome]], standing: Standing
) -> None:
    """Once an outcome is unknown, every later attempt may be a repeat."""
    history = DeliveryHistory()
    for attempt, outcome in told:
        history.note("p", attempt, outcome)
    assert history.standing("p") == standing
    assert not history.is_final("p")


@given(
    st.lists(st.tuples(st.integers(1, 4), st.sampled_from(list(Outcome))), max_size=8), st.sampled_from([SENT, FAILED])
)
def test_a_final_page_stays_final(later: list[tuple[int, Outcome]], final: Outcome) -> None:
    """Records of a predecessor that was thought dead may come after the outcome."""
    history = DeliveryHistory()
    history.note("p", 1, final)
    for attempt, outcome in later:
        history.note("p", attempt, outcome)
    assert history.is_final("p")
    assert history.standing("p") == NEVER_TRIED


def test_memory_is_bounded_for_finished_pages_only() -> None:
    """An unfinished page must never be forgotten: it would be sent without the mark of a repeat."""
    history = DeliveryHistory(remembered=2)
    history.note("unfinished", 1, SENDING)
    for number in range(5):
        history.note(f"p{number}", 1, SENT)
    assert [history.is_final(f"p{number}") for number in range(5)] == [False, False, False, True, True]
    assert history.standing("unfinished").attempt == 1


def test_bytes_on_the_topic_are_read_and_junk_is_passed_over() -> None:
    """A poison record on the deliveries topic must not keep the notifier from starting."""
    history = DeliveryHistory()
    for value in (b"", b"junk", b"[]", b'{"page_id":1}', samples.delivery(3).to_wire()):
        history.note_wire(value)
    assert history.is_final(samples.page(3).page_id)


@given(st.integers(1, 30).flatmap(lambda count: st.permutations(range(count))), st.integers(1, 5))
def test_only_what_lies_below_the_lowest_unfinished_page_is_committed(order: list[int], gap: int) -> None:
    """After a restart nothing that was unfinished may be skipped, and in the end everything is committed."""
    offsets = OpenOffsets()
    for number in sorted(order):
        offsets.take(number * gap)
    unfinished = set(order)
    for number in order:
        offsets.finish(number * gap)
        unfinished.discard(number)
        assert offsets.committable() == (min(unfinished) * gap if unfinished else max(order) * gap + 1)


def test_before_the_first_page_there_is_nothing_to_commit() -> None:
    """Committing 0 would be a claim."""
    assert OpenOffsets().committable() is None


@given(st.integers(1, 10_000), st.text(max_size=5))
def test_pauses_grow_to_a_cap_and_are_the_same_for_the_same_seed(attempt: int, seed: str) -> None:
    """Spread, so that many waiters do not knock at once; deterministic, so that a test can tell."""
    backoff = Backoff(0.5, 30.0, seed)
    pause = backoff.pause_s(attempt)
    step = min(30.0, 0.5 * 2 ** min(attempt - 1, 20))
    assert step / 2 <= pause <= step
    assert pause == Backoff(0.5, 30.0, seed).pause_s(attempt)
