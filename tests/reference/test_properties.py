"""What holds of whole incidents, with pauses, rulings and service hours in them."""

from datetime import timedelta

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from models.agreement import Agreement
from models.book import Book, Entry
from models.clocks import measure
from models.documents import Documents
from models.fact import decode, encode, fact_of
from models.notice import Notice
from models.shelf import books, rows
from models.telling import Terms
from tests.reference.stories import EXAMPLES, PLACES, agreements, notice_of, stories, version_of

BASE = PLACES["Europe/Berlin"]
SETTINGS = settings(max_examples=EXAMPLES, deadline=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
INCIDENTS = stories(pauses=True, intervals=True)
CONTRACTS = agreements("Europe/Berlin", calendars=True, pauses=True, root_cause=True)


def instant(minutes):
    """Return the instant of a minute."""
    return BASE + timedelta(minutes=minutes)


def terms_of(content):
    """Return the documents of one agreement."""
    body = {
        "apiVersion": "holdfast/v1", "kind": "Agreement", "id": "a", "provider": "nimbus", "customer": "us",
        "contract": "sla", "versions": [content],
    }  # fmt: skip
    return Terms(Documents.of([Agreement.model_validate(body)]))


def folded(notices, terms):
    """Return the book that these notices make in this order, and what it told each time."""
    book = Book("nimbus")
    told = [book.apply(one, Entry(offset, one.received_at), terms) for offset, one in enumerate(notices)]
    return book, told


def facts_in(book):
    """Return every fact that a book holds."""
    return [fact for member in book.facts.values() for fact in member.values()]


@SETTINGS
@given(INCIDENTS, CONTRACTS, st.randoms(use_true_random=False))
def test_neither_order_nor_copies_of_statements_change_a_reading(statements, content, chance):
    """An incident is a set: any order, and any statement twice, reads the same."""
    facts = [fact_of(notice_of(one, BASE)) for one in statements]
    again = [*facts, *chance.sample(facts, len(facts) // 2)]
    chance.shuffle(again)
    as_of = instant(9000)
    assert measure(again, version_of(content), as_of) == measure(facts, version_of(content), as_of)


@SETTINGS
@given(INCIDENTS, CONTRACTS, st.integers(0, 9000), st.integers(0, 2000))
def test_a_breach_has_one_instant_whenever_we_look(statements, content, minute, later):
    """Once passed, the same set dates the breach alike at any later as-of, unless the clock was not stopped then."""
    facts = [fact_of(notice_of(one, BASE)) for one in statements if one["at"] <= minute]
    version = version_of(content)
    first = {one_key(one): one for one in measure(facts, version, instant(minute))}
    second = {one_key(one): one for one in measure(facts, version, instant(minute + later))}
    for name, reading in first.items():
        if reading.breached_at is not None:
            assert second[name].breached_at == reading.breached_at, name


def one_key(reading):
    """Return which clock a reading is of."""
    return reading.objective, reading.basis, reading.ordinal


@SETTINGS
@given(INCIDENTS, CONTRACTS, st.randoms(use_true_random=False))
def test_a_late_notice_equals_an_early_one(statements, content, chance):
    """However late the fold gets a notice, the set that it holds in the end, and its reading, is the same."""
    notices = sorted((notice_of(one, BASE) for one in statements), key=lambda one: (one.received_at, one.notice_id))
    late = list(notices)
    chance.shuffle(late)
    terms, version = terms_of(content), version_of(content)
    early_book, late_book = folded(notices, terms)[0], folded(late, terms)[0]
    assert measure(facts_in(early_book), version, instant(9000)) == measure(facts_in(late_book), version, instant(9000))
    assert early_book.members == late_book.members


@SETTINGS
@given(INCIDENTS, CONTRACTS)
def test_the_same_notices_again_make_no_revision(statements, content):
    """A replay of what is known says nothing."""
    notices = sorted((notice_of(one, BASE) for one in statements), key=lambda one: (one.received_at, one.notice_id))
    terms = terms_of(content)
    book, _ = folded(notices, terms)
    end = notices[-1].received_at
    again = [book.apply(one, Entry(len(notices) + place, end), terms) for place, one in enumerate(notices)]
    assert not any(again)


@SETTINGS
@given(INCIDENTS, CONTRACTS)
def test_every_stored_form_reads_back_as_it_was(statements, content):
    """Notices on the wire, facts in their rows, books on their shelf."""
    notices = [notice_of(one, BASE) for one in statements]
    facts = [fact_of(one) for one in notices]
    assert [Notice.from_wire(one.to_wire()) for one in notices] == notices
    assert [decode(one.member, encode(one)) for one in facts] == facts
    book, _ = folded(notices, terms_of(content))
    stored = books(rows(book))["nimbus"]
    assert (stored.facts, stored.members, stored.cases.keys()) == (book.facts, book.members, book.cases.keys())
