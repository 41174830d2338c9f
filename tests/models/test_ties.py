"""Ties between agreements: told before an incident meets them, and exactly those that one would meet."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.documents import AmbiguousAgreementError, Documents
from models.incident import Subject
from models.notice import Phase
from models.ties import ties
from tests.models.test_chain import contract, version_of
from tests.support.timeline import Timeline, at

AT = datetime(2026, 5, 4, tzinfo=UTC)


def version(services, priorities=("p1", "p2"), **changes):
    limits = dict.fromkeys(priorities, "4h")
    return version_of(services=list(services), targets=[{"objective": "restore", **limits}], **changes)


def documents(**versions):
    return Documents.of(contract(name, "nimbus", "us", one) for name, one in versions.items())


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        ((["vm"],), (["vm"],), ("vm", "major")),
        ((["vm"],), (["vm", "db"],), None),
        ((["vm"], ["p1"]), (["vm"],), (None, None)),
        ((["vm", "db"],), (["vm", "mail"],), ("vm", "major")),
        ((["vm"], ["p1"]), (["vm"], ["p2"]), ("vm", None)),
        ((["vm"],), (["mail"],), (None, None)),
        ((["vm", "db"],), (["mail"],), None),
    ],
    ids=[
        "the same services",
        "one is narrower",
        "fewer priorities decide, unless no severity is named",
        "one service of two",
        "one priority each, and a severity of neither",
        "a notice that names no service",
        "a notice that names no service, where one is narrower",
    ],
)
def test_ties_of_two(first, second, found):
    told = list(ties(documents(a=version(*first), b=version(*second))))
    assert len(told) <= 1
    if found is None:
        assert told == []
    elif found == ("vm", "major"):
        assert (told[0].service, told[0].is_certain) == ("vm", True)
    else:
        assert not told[0].is_certain


def test_a_narrower_third_settles_it():
    assert list(ties(documents(a=version(["vm", "db"]), b=version(["vm", "mail"]), c=version(["vm"])))) == []


def test_agreements_that_follow_each_other_do_not_tie():
    first = version(["vm"], effective_from="2020-01-01", effective_to="2026-01-01")
    assert list(ties(documents(a=first, b=version(["vm"], effective_from="2026-01-01")))) == []


def test_a_tie_begins_when_the_second_comes_into_force():
    (tie,) = ties(documents(a=version(["vm"]), b=version(["vm"], effective_from="2026-01-01")))
    assert (tie.agreements, tie.begin) == (("a", "b"), datetime(2026, 1, 1, tzinfo=UTC))


def test_agreements_with_other_providers_do_not_tie():
    other = contract("b", "telco", "us", version(["vm"]))
    assert list(ties(Documents.of([contract("a", "nimbus", "us", version(["vm"])), other]))) == []


names = st.lists(st.sampled_from(["vm", "db", "mail"]), min_size=1, max_size=3, unique=True)
ranks = st.lists(st.sampled_from(["p1", "p2"]), min_size=1, max_size=2, unique=True)


@given(st.lists(st.tuples(names, ranks), min_size=1, max_size=4))
def test_no_certain_tie_told_means_that_no_incident_of_one_service_and_a_promised_severity_meets_one(contracts):
    every = documents(**{f"a{number}": version(*one) for number, one in enumerate(contracts)})
    met = set()
    for service in ("vm", "db", "mail"):
        for severity in ("major", "minor"):
            try:
                found = every.agreement_for("nimbus", [service], AT, severity)
            except AmbiguousAgreementError as error:
                if any(
                    service in one.versions[0].services
                    and one.versions[0].priority_of(severity) in one.versions[0].promised
                    for one in every.agreements.values()
                ):
                    met.add(error.agreements)
            else:
                assert found is None or service in found[1].services
    assert met == {tie.agreements for tie in ties(every) if tie.is_certain}


@pytest.mark.parametrize(("severity", "chosen"), [("major", "outages"), ("minor", "all"), ("unheard of", None)])
def test_an_incident_is_governed_by_the_agreement_for_its_first_severity(severity, chosen):
    every = documents(all=version(["vm"]), outages=version(["vm"], ["p1"]))
    line = Timeline(version(["vm"]), severity=severity)
    line.provider("10:00", Phase.REPORTED, begin="10:00", services=("vm",))
    line.severity = "minor"
    line.provider("11:00", Phase.UPDATE, services=("vm",))
    subject = Subject.of("i", "nimbus", line.facts, at("12:00"))
    assert subject is not None
    contract = subject.contract(every)
    assert (contract.agreement.id if contract else None) == chosen
