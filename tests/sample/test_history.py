"""A made-up history is the same on every run, hangs together, and holds the truth that it says it holds."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from statistics import median

import pytest

from feeds.promises import promise_in
from holdfast.sample import History, Shape, history, told
from holdfast.sample.incidents import FIRST_WORD
from holdfast.sample.telling import Fold
from models.communication import Communication
from models.document import Document
from models.moving import Terms
from models.notice import Kind
from models.paging import Delivery, Page, PlanDocument
from models.records import Basis, ClockDocument, IncidentDocument, IncidentStatus, Objective, Verdict

FOLDED = (IncidentDocument, ClockDocument, PlanDocument, Page)
SMALL = Shape(providers=3, incidents_per_month=5)


@pytest.fixture(scope="module")
def small() -> History:
    return history(SMALL)


@pytest.fixture(scope="module")
def documents(small: History) -> list[Document]:
    return list(told(small))


def test_the_same_shape_gives_the_same_bytes(small: History, documents: list[Document]) -> None:
    again = history(Shape(providers=3, incidents_per_month=5))

    assert [one.to_wire() for one in again.notices()] == [one.to_wire() for one in small.notices()]
    assert [one.to_wire() for one in told(again)] == [one.to_wire() for one in documents]


def test_another_seed_is_another_history(small: History) -> None:
    other = history(Shape(seed=2, providers=3, incidents_per_month=5))

    assert {one.notice_id for one in other.notices()} != {one.notice_id for one in small.notices()}


def test_notices_come_in_the_order_in_which_we_had_them_and_each_once() -> None:
    several = list(history(Shape(providers=4, months=3, incidents_per_month=4)).notices())

    assert several == sorted(several, key=lambda one: (one.received_at, one.notice_id))
    assert len({one.notice_id for one in several}) == len(several)
    assert all(one.order_at <= one.received_at < Shape(months=3).end for one in several)


def test_every_notice_of_a_provider_is_also_read_by_its_month(small: History) -> None:
    by_month = {one.notice_id for name in small.traits for one in small.of_month(name, 0)}

    assert by_month == {one.notice_id for one in small.notices() if one.kind is not Kind.HAZARD}


def test_every_promise_in_a_text_is_read_by_the_reader_of_promises_as_it_is_meant(small: History) -> None:
    said = [one for one in small.notices() if one.promised_at is not None]

    found = [promise_in(one.text, one.order_at) for one in said]

    assert said
    assert [one and (one.instant, one.promises, one.phrase) for one in found] == [
        (one.promised_at, one.promises, one.phrase) for one in said
    ]


def test_a_fold_month_by_month_says_what_one_book_of_the_provider_says(small: History) -> None:
    shape = Shape(providers=1, months=2, incidents_per_month=4)
    made = history(shape)
    provider = next(iter(made.traits))
    fold = Fold(provider, Terms(made.documents), shape.end)

    fold.run([one for one in made.notices() if one.provider == provider])

    by_month = {(type(one), one.document_id()): one for one in told(made) if isinstance(one, FOLDED)}
    whole = {(type(one), one.document_id()): one for one in fold.last.values()}
    assert by_month == whole


def test_documents_are_one_of_each_id_and_none_is_of_the_future(documents: list[Document]) -> None:
    assert len({(type(one), one.document_id()) for one in documents}) == len(documents)
    pages = {one.page_id: one for one in documents if isinstance(one, Page)}
    for one in documents:
        if isinstance(one, Delivery):
            assert one.started_at >= pages[one.page_id].issued_at
        if isinstance(one, Communication):
            assert one.happened_at <= one.recorded_at <= SMALL.end
    assert {type(one) for one in documents} >= {Page, Delivery, Communication, IncidentDocument, ClockDocument}


def test_something_is_open_at_the_end_and_most_is_over(documents: list[Document]) -> None:
    states = Counter(one.status for one in documents if isinstance(one, IncidentDocument))

    assert states[IncidentStatus.OPEN] >= 1
    assert states[IncidentStatus.RESOLVED] > states[IncidentStatus.OPEN]


def test_as_of_an_instant_nothing_of_later_is_told(small: History) -> None:
    as_of = SMALL.begin + timedelta(days=10)

    early = list(told(small, as_of))

    incidents = [one for one in early if isinstance(one, IncidentDocument)]
    assert incidents
    assert all(one.last_notice_at <= as_of for one in incidents if one.last_notice_at is not None)


def test_the_engine_finds_what_really_happened_where_our_probes_saw_it(
    small: History, documents: list[Document]
) -> None:
    truth = {(one.source, one.source_incident_id): one for one in small.truth.incidents}
    restored = [
        (one, truth[one.source, one.source_incident_id])
        for one in documents
        if isinstance(one, IncidentDocument) and one.witnesses and one.status is IncidentStatus.RESOLVED
    ]

    known = [(one, real) for one, real in restored if not real.is_reopened]
    assert known
    for one, real in known:
        assert abs(one.started_at - real.began_at) <= timedelta(minutes=4)


def test_a_provider_that_gets_slower_is_slower_from_that_month_on() -> None:
    made = history(Shape(providers=2, months=6, incidents_per_month=40))
    slower = made.traits["birch-carrier"]
    assert slower.slower_at == datetime(2026, 9, 1, tzinfo=UTC)

    took = {is_after: [] for is_after in (False, True)}
    for one in made.truth.incidents:
        if one.provider == slower.provider and one.first_word_at is not None and one.priority == "p3":
            took[one.began_at >= slower.slower_at].append(one.first_word_at - one.began_at)

    assert median(took[True]) > 1.7 * median(took[False])


def test_a_worse_mix_breaches_more_often_but_not_at_the_same_priority() -> None:
    made = history(Shape(providers=12, months=6, incidents_per_month=80))
    shares = {
        name: Counter(one.priority for one in made.truth.incidents if one.provider == name)
        for name in ("arbor-cloud", "ember-cloud")
    }

    assert shares["ember-cloud"]["p1"] > 2 * shares["arbor-cloud"]["p1"]
    limit = timedelta(minutes=FIRST_WORD["p2"][0])
    missed = {name: _missed(made, name, limit) for name in shares}
    assert abs(missed["arbor-cloud"] - missed["ember-cloud"]) < 0.1


def _missed(made: History, provider: str, limit: timedelta) -> float:
    of_p2 = [one for one in made.truth.incidents if one.provider == provider and one.priority == "p2"]
    words = [one.first_word_at - one.began_at for one in of_p2 if one.first_word_at is not None]
    return sum(one > limit for one in words) / len(words)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"months": 0}, "1 to 240 months"),
        ({"providers": 1001}, "1 to 1000 providers"),
        ({"incidents_per_month": 0}, "has incidents"),
        ({"begin": datetime(2026, 5, 2, tzinfo=UTC)}, "first day of a month"),
    ],
)
def test_what_is_no_history_is_refused_in_words(wrong: dict, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Shape(**wrong)


def test_all_clocks_of_the_first_version_are_there_on_three_bases(documents: list[Document]) -> None:
    clocks = [one for one in documents if isinstance(one, ClockDocument)]

    assert {one.basis for one in clocks} == set(Basis)
    assert {one.objective for one in clocks} == set(Objective) - {Objective.WORKAROUND, Objective.RECOVERY_POINT}
    assert {Verdict.MET, Verdict.BREACHED} <= {one.verdict for one in clocks}
