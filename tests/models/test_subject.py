"""An incident as a whole: what is known of it as of an instant, and by which agreement it is judged."""

import copy
from dataclasses import replace

import pytest

from models.agreement import Agreement
from models.documents import Documents
from models.incident import Subject, describe
from models.notice import Flag, Phase, Speaker
from models.outage import outages
from models.reading import Gauge, Run, Which, read
from models.records import Basis, Objective
from tests.support.ledger import AGREEMENT, HOUR
from tests.support.timeline import Timeline, agreement, at

HOSTING = Agreement.model_validate(AGREEMENT)


def line():
    """An incident that the provider reported at 10:00."""
    told = Timeline(agreement(restore="4h"))
    told.provider("10:00", Phase.REPORTED, begin="10:00", services=("mail",))
    return told


def subject(told, as_of="12:00"):
    return Subject.of("inc-1", "nimbus", told.facts, at(as_of))


def twin():
    """The same agreement under another id: a tie."""
    return Agreement.model_validate({**copy.deepcopy(AGREEMENT), "id": "other"})


def test_before_anything_was_received_there_is_no_subject():
    assert subject(line(), "09:00") is None


def test_a_drill_is_no_subject():
    told = Timeline(agreement(restore="4h"))
    told.provider("10:00", Phase.REPORTED, flags=(Flag.TEST,))
    assert subject(told) is None


@pytest.mark.parametrize(
    ("agreements", "judged_by"),
    [([HOSTING], "nimbus-sla"), ([], None), ([HOSTING, twin()], None)],
    ids=["one that fits", "none", "two that fit equally well"],
)
def test_one_agreement_judges_or_none_does(agreements, judged_by):
    contract = subject(line()).contract(Documents.of(agreements))
    assert (contract and contract.agreement.id) == judged_by


def test_a_record_written_afterwards_shows_no_acknowledgement():
    told = Timeline(agreement(restore="4h"))
    for when, phase in (("09:00", Phase.REPORTED), ("11:00", Phase.RESOLVED)):
        told.say(Speaker.PROVIDER, at("15:00"), phase, published_at=at(when), flags=(Flag.BACKFILLED,))
    assert describe(subject(told, "16:00"), None, None, ()).acknowledged_at is None
    assert describe(subject(line()), None, None, ()).acknowledged_at == at("10:00")


def test_of_an_imported_record_publication_measures_no_restore():
    """What was published is stamped afterwards: where the agreement judges by that, nothing can be told."""
    told = Timeline(agreement(restore="4h", evidence={"restore": "published"}))
    told.say(
        Speaker.PROVIDER, at("15:00"), Phase.RESOLVED, published_at=at("11:00"), claimed_at=at("09:00"),
        claimed_end_at=at("10:00"), flags=(Flag.BACKFILLED,),
    )  # fmt: skip
    reading = told.read("16:00", "restore")
    assert (reading.verdict.value, reading.reason) == (
        "indeterminate", "written after the fact: when the provider first spoke is not known",
    )  # fmt: skip
    assert told.read("16:00", "restore", "claimed").elapsed.least == HOUR


def test_a_run_that_had_not_begun_has_no_reading():
    told = line()
    told.provider("13:00", Phase.RESTORED, end="13:00")
    case = subject(told, "14:00").case
    found = outages(case, Basis.CLAIMED, told.version.evidence, case.claimed_begin())
    which = Which(Objective.RESTORE, Basis.CLAIMED, 0, ())
    assert read(Run(found), which, Gauge(HOUR, "p1"), at("09:00")) is None


def test_an_end_that_nothing_bounds_stays_open_where_trouble_returns():
    told = line()
    told.vanish(("11:00", "11:05"))
    case = subject(told).case
    told.provider("12:00", Phase.REOPENED)
    back = subject(told, "13:00").case.spoken[-1]
    first, second = outages(
        replace(case, spoken=(*case.spoken, *case.vanished, back)), Basis.CLAIMED, told.version.evidence,
        case.claimed_begin(),
    )  # fmt: skip
    assert (first.end.earliest, first.end.latest, second.begin.earliest) == (at("11:00"), None, at("12:00"))
