"""Chains of agreements: what a supplier promises our provider against what that is to carry (measurement.md §6)."""

from decimal import Decimal

import pytest

from models.agreement import Agreement
from models.chain import cycles, underpinned, weaknesses
from tests.support.timeline import agreement as version_of

CALENDARS = {"always": {"hours": "24x7"}, "office": {"hours": {"mon-fri": ["09:00-17:00"]}}}


def contract(name, provider, customer, *versions):
    content = {"apiVersion": "holdfast/v1", "kind": "Agreement", "id": name, "provider": provider}
    content |= {"customer": customer, "contract": "underpinning"}
    told = [version.model_dump(mode="json") for version in versions or (version_of(restore="4h"),)]
    return Agreement.model_validate({**content, "versions": told})


def version(*targets, **changes):
    return version_of(targets=list(targets), calendars=CALENDARS, **changes)


def target(limit, calendar="always", objective="restore", **more):
    return {"objective": objective, "p1": limit, "calendar": calendar, **more}


def told(above, below):
    found = weaknesses([contract("hosting", "nimbus", "us", above), contract("line", "telco", "nimbus", below)])
    return [(one.loc, one.message) for one in found]


def test_an_agreement_rests_on_those_of_which_its_provider_is_the_customer():
    agreements = [contract("line", "telco", "nimbus"), contract("hosting", "nimbus", "us"), contract("x", "y", "z")]
    assert [(above.id, below.id) for above, below in underpinned(agreements)] == [("hosting", "line")]


@pytest.mark.parametrize(
    ("parties", "found"),
    [
        ([("a", "nimbus", "us"), ("b", "telco", "nimbus")], []),
        ([("a", "nimbus", "telco"), ("b", "telco", "nimbus")], [["a", "b"]]),
        ([("a", "us", "us")], [["a"]]),
        ([("a", "x", "z"), ("b", "y", "x"), ("c", "z", "y"), ("d", "us", "x")], [["a", "b", "c"]]),
        ([("a", "x", "us"), ("b", "y", "x"), ("c", "x", "y")], [["b", "c"]]),
        ([("a", "x", "z"), ("b", "y", "x"), ("c", "y", "x"), ("d", "q", "y")], []),
    ],
    ids=[
        "a chain ends",
        "two of each other",
        "of oneself",
        "three in a ring",
        "a ring below",
        "many ways, no way back",
    ],
)
def test_agreements_that_rest_on_themselves_are_found_once(parties, found):
    assert [[one.id for one in chain] for chain in cycles(contract(*one) for one in parties)] == found


@pytest.mark.parametrize(
    ("ours", "theirs", "words"),
    [
        (target("4h"), target("4h"), None),
        (target("4h"), target("240m"), None),
        (target("4h"), target("5h"), "restore p1: 5h is longer than the 4h that rest on it (hosting 1)"),
        (target("3bd", "office"), target("3bd", "office"), None),
        (target("3bd", "office"), target("4bd", "office"), "4bd is longer than the 3bd"),
        (target("2eobd", "office"), target("1bd", "office"), None),
        (target("5d"), target("4h", "office"), None),
        (target("4h", "office"), target("4h"), None),
        (target("4h"), target("4h", "office"), "4h may end 2d16h after the 4h that rest on it, such as for"),
        (target("1bd", "office"), target("1eobd", "office"), "1eobd may end"),
        (target("4h"), target("4h", objective="respond"), "no restore target for what hosting 1 promises: p1 4h"),
        (target("4h", p2="8h"), target("4h"), "promises: p2 8h"),
        (target("4h"), target("3660bd", "office"), "can't be compared"),
    ],
    ids=[
        "equal",
        "equal in other units",
        "longer",
        "equal in business days",
        "longer in business days",
        "other units, never later",
        "service hours, and time enough",
        "around the clock below service hours",
        "service hours below around the clock",
        "the same time of day against the end of the day",
        "no target of that objective",
        "no target at that priority",
        "beyond the calendars",
    ],
)  # fmt: skip
def test_a_target_that_is_longer_than_what_rests_on_it_is_told(ours, theirs, words):
    below = version(theirs, effective_from="2190-01-01") if theirs["p1"] == "3660bd" else version(theirs)
    found = [message for _, message in told(version(ours), below)]
    assert len(found) == (words is not None)
    assert words is None or words in found[0]


def test_it_is_told_at_the_target_or_where_one_is_missing():
    ours = version(target("4h", p2="8h"), target("1h", objective="respond"))
    assert [loc for loc, _ in told(ours, version(target("5h")))] == [
        ("versions", 0, "targets", 0, "p1"),
        ("versions", 0, "targets", 0),
        ("versions", 0, "targets"),
    ]


@pytest.mark.parametrize(
    ("ours", "theirs", "count"),
    [
        (("2026-01-01", None), ("2025-01-01", "2026-01-01"), 0),
        (("2026-01-01", None), ("2025-01-01", "2026-01-02"), 1),
        (("2026-01-01", "2026-02-01"), ("2026-02-01", None), 0),
    ],
    ids=["it ended before", "one day together", "it begins after"],
)
def test_versions_are_compared_only_while_both_are_in_force(ours, theirs, count):
    above, below = (
        version(target(limit), effective_from=begin, effective_to=end)
        for limit, (begin, end) in (("4h", ours), ("5h", theirs))
    )
    assert len(told(above, below)) == count


def test_the_next_version_ends_the_one_before_it():
    above = contract("hosting", "nimbus", "us", version(target("4h"), effective_from="2026-01-01"))
    old = version(target("9h"), version="old", effective_from="2020-01-01")
    new = version(target("4h"), version="new", effective_from="2026-01-01")
    assert list(weaknesses([above, contract("line", "telco", "nimbus", old, new)])) == []


def promise(objective, service="vm"):
    return {"service": service, "objective": objective}


def availability(*objectives, **changes):
    services = [f"s{number}" for number in range(len(objectives))]
    promises = [promise(share, name) for share, name in zip(objectives, services, strict=True)]
    return version(target("4h"), services=services or ["vm"], availability=promises, **changes)


@pytest.mark.parametrize(
    ("ours", "theirs", "messages"),
    [
        (["99.9"], ["99.9"], []),
        ([], ["90"], []),
        (["99.95"], ["99.9"], ["99.9 % is less than the 99.95 % that rest on it (hosting 1)"]),
        (["99.8"], ["99.9", "99.9"], []),
        (["99.85"], ["99.9", "99.9"], ["99.9 x 99.9 = 99.8001 % is less than the 99.85 % that rest on it (hosting 1)"]),
        (["99"], [], ["no availability promise, and 99 % rest on it (hosting 1)"]),
    ],
    ids=["equal", "none promised to us", "lower", "two in series suffice", "two in series do not", "none below"],
)
def test_availability_in_series_is_held_against_what_rests_on_it(ours, theirs, messages):
    assert [message for _, message in told(availability(*ours), availability(*theirs))] == messages


def test_several_suppliers_are_in_series_and_the_lowest_is_named():
    agreements = [
        contract("hosting", "nimbus", "us", availability("99.9")),
        contract("line", "telco", "nimbus", availability("99.95")),
        contract("power", "grid", "nimbus", availability("99.94")),
    ]
    (found,) = weaknesses(agreements)
    assert (found.agreement, found.loc) == ("power", ("versions", 0, "availability", 0, "objective"))
    assert found.message.startswith("99.95 x 99.94 = 99.8900 %")
    assert Decimal("99.95") * Decimal("99.94") / 100 < Decimal("99.9")


def test_a_supplier_that_comes_later_is_in_series_from_then_on():
    later = contract("power", "grid", "nimbus", availability("99.5", effective_from="2027-01-01"))
    agreements = [
        contract("hosting", "nimbus", "us", availability("99.9")),
        contract("line", "telco", "nimbus", availability("99.95")),
        later,
    ]
    assert [one.message.split(" = ")[0] for one in weaknesses(agreements)] == ["99.95 x 99.5"]
