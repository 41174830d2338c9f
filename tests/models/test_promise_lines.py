"""The promise ledger as people read it: the words, who said and who corrected them, what came of it."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.agreement import AgreementVersion
from models.documents import Documents
from models.notice import Identity, Kind, Notice, Phase, Speaker
from models.promise_lines import PromiseLine, promise_lines, promises_of, rates
from models.promises import Keeping
from models.records import Basis
from tests.support.reviews import contract
from tests.support.samples import later, notice

AGREEMENT = contract()
VERSION: AgreementVersion = AGREEMENT.versions[0]
DOCUMENTS = Documents.of([AGREEMENT])


def said(ordinal: int, minutes: float, **fields: Any) -> Notice:
    """Return a statement of the provider's, had as it was made, so many minutes after the start."""
    at = later(minutes)
    values = {"claimed_at": None, "published_at": at, "received_at": at, "received_after": None}
    return notice(ordinal, **{**values, "text": f"words {ordinal}", **fields})


FIRST = said(
    0, 0, claimed_at=later(0), promised_at=later(30), phrase="in half an hour", person="maya", identity=Identity.DKIM
)
SECOND = said(1, 45, promised_at=later(90))
CORRECTION = said(
    2, 50, speaker=Speaker.CUSTOMER, phase=Phase.PROMISED, source="desk", concerns="update-0",
    promised_at=later(60), text=None,
)  # fmt: skip


def lines(*notices: Notice, as_of: datetime | None = None) -> tuple[PromiseLine, ...]:
    """Return the promises on the agreed basis, three hours after the start."""
    return promise_lines(notices, VERSION, as_of or later(180))


def test_a_promise_stands_with_its_words_its_speaker_and_what_came_of_it() -> None:
    late, broken = (one.line() for one in lines(FIRST, SECOND))
    assert late == {
        "notice_id": FIRST.notice_id,
        "source": "nimbus-status",
        "source_incident_id": "inc-1",
        "basis": "agreed",
        "of": "update",
        "said_at": "2026-05-04T09:30:00Z",
        "phrase": "in half an hour",
        "person": "maya",
        "identity": "dkim",
        "promised_at": "2026-05-04T10:00:00Z",
        "keeping": "late",
        "fulfilled_at": "2026-05-04T10:15:00Z",
        "late_by_s": 900.0,
        "original_at": None,
        "corrected_by": None,
        "correction_id": None,
    }
    assert (broken["keeping"], broken["fulfilled_at"], broken["late_by_s"]) == ("broken", None, None)


@pytest.mark.parametrize(("person", "name"), [("ada", "ada"), (None, "desk")], ids=["somebody", "a feed of ours"])
def test_a_correction_is_told_with_who_made_it_and_what_was_read_first(person: str | None, name: str) -> None:
    correction = CORRECTION.model_copy(update={"person": person})
    first = next(one for one in lines(FIRST, SECOND, correction) if one.promise.made.notice_id == FIRST.notice_id)
    told = first.line()
    assert (told["corrected_by"], told["correction_id"]) == (name, correction.notice_id)
    assert (told["original_at"], told["promised_at"]) == ("2026-05-04T10:00:00Z", "2026-05-04T10:30:00Z")
    assert told["keeping"] == "kept", "the word at a quarter past ten was in time after all"


def test_a_promise_whose_notice_is_not_at_hand_has_no_words() -> None:
    bare = PromiseLine(lines(FIRST)[0].promise, None)
    told = bare.line()
    assert (bare.phrase, bare.corrected_by) == (None, None)
    assert (told["source"], told["source_incident_id"], told["person"], told["identity"]) == (None,) * 4
    assert told["promised_at"] == "2026-05-04T10:00:00Z"


@given(st.permutations([FIRST, SECOND, CORRECTION, FIRST]))
def test_order_and_copies_change_nothing(notices: list[Notice]) -> None:
    assert lines(*notices) == lines(FIRST, SECOND, CORRECTION)


def test_promises_stand_in_the_order_in_which_they_fall_due() -> None:
    early = said(3, 10, promised_at=later(20))
    assert [one.promise.promised_at for one in lines(SECOND, FIRST, early)] == [later(20), later(30), later(90)]


# --- by the agreement in force ----------------------------------------------------------------------------------------


def of(*notices: Notice, documents: Documents = DOCUMENTS) -> tuple[PromiseLine, ...] | None:
    """Return the promises of an incident by whatever agreement was in force."""
    return promises_of("incident-1", "nimbus", notices, documents, later(180))


def test_each_promise_is_judged_on_every_basis_by_the_agreement_in_force() -> None:
    found = of(FIRST, SECOND)
    assert found is not None
    assert {one.promise.basis for one in found} == set(Basis)
    assert tuple(one for one in found if one.promise.basis is Basis.AGREED) == lines(FIRST, SECOND)


def test_what_is_said_of_a_storm_is_no_promise_about_the_incident() -> None:
    storm = said(7, 20, kind=Kind.HAZARD, promised_at=later(40))
    assert of(FIRST, storm) == of(FIRST)


@pytest.mark.parametrize(
    ("notices", "documents"),
    [((FIRST,), Documents()), ((), DOCUMENTS), ((FIRST.model_copy(update={"services": ("disks",)}),), DOCUMENTS)],
    ids=["no agreement at all", "nothing was said", "of a service that none is about"],
)
def test_without_an_agreement_nobody_can_say_what_counts(notices: tuple[Notice, ...], documents: Documents) -> None:
    assert of(*notices, documents=documents) is None


# --- what became of them ----------------------------------------------------------------------------------------------


def many(count: int, minutes_late: int) -> list[PromiseLine]:
    """Return promises, each of an incident of its own, that were so many minutes late: the second one more, and on."""
    found = []
    for number in range(count):
        word = said(9, 30 + minutes_late + number)
        found += lines(FIRST, word)
    return found


def test_below_five_that_are_judged_there_is_no_share_and_no_length() -> None:
    few, enough = rates(many(4, 1)), rates(many(5, 1))
    assert (few["n"], few["late"], few["kept_share"], few["late_by_median_s"]) == (4, 4, None, None)
    assert (enough["n"], enough["kept_share"]) == (5, 0.0)
    assert (enough["late_by_median_s"], enough["late_by_p90_s"]) == (180.0, 300.0)


def test_a_promise_that_is_open_is_counted_and_not_judged() -> None:
    found = rates([*many(4, 1), *lines(FIRST, said(9, 20)), *lines(FIRST, as_of=later(10))])
    assert (found["promises"], found["n"], found["open"], found["kept"], found["late"]) == (6, 5, 1, 1, 4)
    assert found["kept_share"] == 0.2
    assert found["late_by_median_s"] is None, "four of them were late"


def test_each_basis_has_rates_of_its_own() -> None:
    every = of(FIRST, SECOND) or ()
    assert [rates(every, basis)["promises"] for basis in Basis] == [2, 2, 2]
    assert rates(every)["basis"] == "agreed"
    assert {keeping.value for keeping in Keeping} <= rates(every).keys()
