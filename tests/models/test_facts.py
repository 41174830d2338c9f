"""Facts: joins of copies, the codec of the engine's state, what was known when (measurement.md §1 and §2)."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.fact import Fact, collect, decode, encode, fact_of, join, known_at
from models.notice import Flag, Kind, Notice, Phase, Speaker
from tests.support.samples import notice

INSTANTS = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC))
TEXTS = st.text(max_size=8)
FACTS = st.builds(
    Fact,
    notice_id=st.just("n"),
    source=TEXTS,
    source_incident_id=TEXTS,
    update_id=st.none() | TEXTS,
    speaker=st.sampled_from(Speaker),
    kind=st.sampled_from(Kind),
    phase=st.sampled_from(Phase),
    received_at=INSTANTS,
    received_after=st.none() | INSTANTS,
    published_at=st.none() | INSTANTS,
    claimed_at=st.none() | INSTANTS,
    claimed_end_at=st.none() | INSTANTS,
    promised_at=st.none() | INSTANTS,
    severity=st.none() | TEXTS,
    title=st.none() | TEXTS,
    text_digest=st.none() | TEXTS,
    services=st.lists(st.sampled_from("abc"), unique=True).map(lambda names: tuple(sorted(names))),
    flags=st.lists(st.sampled_from(Flag), unique=True).map(tuple),
)


@given(FACTS)
def test_the_codec_round_trips(fact):
    assert decode(fact.member, encode(fact)) == fact


@pytest.mark.parametrize("row", [[], [None] * 15, [None] * 17])
def test_a_row_of_another_version_is_refused(row):
    with pytest.raises(ValueError, match="fact of"):
        decode(("s", "i"), row)


def test_a_row_without_its_receipt_is_refused():
    row = encode(fact_of(notice()))
    row[5] = None
    with pytest.raises(ValueError, match="received_at"):
        decode(("s", "i"), row)


@given(st.lists(FACTS, min_size=1, max_size=4))
def test_joining_copies_does_not_depend_on_order_or_repetition(copies):
    def joined(order):
        return collect([*order, *order])["n"]

    assert len({joined(order) for order in permutations(copies)}) == 1


def test_the_earliest_look_wins():
    first, second = (
        fact_of(notice()),
        fact_of(notice().model_copy(update={"received_at": notice().received_at + timedelta(hours=1)})),
    )
    assert join(second, first) == join(first, second) == first
    assert join(None, first) is first


def test_copies_add_the_services_that_either_names():
    one = fact_of(notice(services=("vm",)))
    other = fact_of(notice(services=("mail",)))
    assert join(one, other).services == ("mail", "vm")


@given(st.lists(INSTANTS, max_size=6), INSTANTS)
def test_known_at_keeps_what_was_in_hand(received, instant):
    facts = {str(n): fact_of(notice(n, received_at=at, received_after=None)) for n, at in enumerate(received)}
    assert known_at(facts, instant) == {key: one for key, one in facts.items() if one.received_at <= instant}


@pytest.mark.parametrize(
    ("claimed", "kind", "usable"),
    [
        (datetime(2026, 5, 4, 9, 0, tzinfo=UTC), Kind.INCIDENT, True),
        (datetime(2026, 5, 4, 9, 32, tzinfo=UTC), Kind.INCIDENT, True),
        (datetime(2026, 5, 4, 9, 33, tzinfo=UTC), Kind.INCIDENT, False),
        (datetime(2026, 6, 4, 9, 32, tzinfo=UTC), Kind.MAINTENANCE, True),
        (datetime(1989, 12, 31, tzinfo=UTC), Kind.INCIDENT, False),
        (datetime(1990, 1, 1, tzinfo=UTC), Kind.INCIDENT, True),
        (None, Kind.INCIDENT, False),
    ],
)
def test_which_claims_are_usable(claimed, kind, usable):
    assert fact_of(notice(claimed_at=claimed, kind=kind)).claim_usable is usable


def test_the_same_text_in_other_spacing_is_the_same_text():
    one, other = notice(text="We  are\nlooking."), notice(text="We are looking. ")
    assert fact_of(one).text_digest == fact_of(other).text_digest != fact_of(notice(text="No.")).text_digest
    assert fact_of(notice(text=None)).text_digest is None


def test_versions_of_one_statement_share_its_name():
    assert fact_of(notice(0)).statement == fact_of(notice(0, notice_id="other")).statement
    assert fact_of(notice(0)).statement != fact_of(notice(1)).statement
    nameless = fact_of(notice(source_update_id=None))
    assert nameless.statement[2] == nameless.notice_id


def test_a_notice_survives_the_wire():
    one: Notice = notice()
    assert Notice.from_wire(one.to_wire()) == one
