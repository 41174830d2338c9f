"""Documents in force: which version when, which agreement for whom, whom a component concerns (measurement.md §6)."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from models.agreement import Agreement
from models.calendar import ALWAYS
from models.documents import AmbiguousAgreementError, Documents, document_key, from_wire, to_wire
from models.policy import Condition, EscalationPolicy
from models.provider import Provider
from models.records import Objective
from tests.support.timeline import agreement as version_of

HEAD = {"apiVersion": "holdfast/v1", "customer": "us", "contract": "sla"}


def contract(name="a", services=("vm",), provider="nimbus", versions=None):
    version = version_of(restore="4h", services=list(services)).model_dump(mode="json")
    content = {**HEAD, "kind": "Agreement", "id": name, "provider": provider, "versions": versions or [version]}
    return Agreement.model_validate(content)


def dated(name, begin, end=None, zone="Europe/Berlin"):
    version = version_of(restore="4h", version=name, effective_from=begin, effective_to=end, timezone=zone)
    return version.model_dump(mode="json")


@pytest.mark.parametrize(
    ("instant", "name"),
    [
        ("2025-12-31T22:59:59.999999Z", None),
        ("2025-12-31T23:00:00Z", "winter"),
        ("2026-06-30T21:59:59.999999Z", "winter"),
        ("2026-06-30T22:00:00Z", "summer"),
        ("2026-12-30T22:59:59Z", "summer"),
        ("2026-12-30T23:00:00Z", None),
    ],
)
def test_a_version_is_in_force_from_local_midnight_to_local_midnight(instant, name):
    versions = [dated("summer", "2026-07-01", "2026-12-31"), dated("winter", "2026-01-01")]
    found = contract(versions=versions).version_at(datetime.fromisoformat(instant))
    assert (found.version if found else None) == name


@pytest.mark.parametrize(
    ("services", "chosen"),
    [(("vm",), "narrow"), (("mail",), "wide"), (("vm", "mail"), "narrow"), ((), "narrow"), (("dns",), None)],
)
def test_the_most_specific_agreement_governs(services, chosen):
    documents = Documents.of([contract("wide", ("vm", "mail")), contract("narrow"), contract("other", provider="x")])
    found = documents.agreement_for("nimbus", services, datetime(2026, 5, 4, tzinfo=UTC))
    assert (found[0].id if found else None) == chosen


def test_a_tie_is_an_error():
    documents = Documents.of([contract("a"), contract("b")])
    with pytest.raises(AmbiguousAgreementError, match="'a' and 'b' fit nimbus"):
        documents.agreement_for("nimbus", ["vm"], datetime(2026, 5, 4, tzinfo=UTC))


PROVIDER = Provider.model_validate(
    {
        "apiVersion": "holdfast/v1",
        "kind": "Provider",
        "id": "nimbus",
        "name": "Nimbus",
        "services": {"vm": {"components": ["Virtual*", "compute-?"]}, "mail": {}},
        "feeds": [{"id": "nimbus-status", "format": "statuspage"}],
    }
)


@pytest.mark.parametrize(
    ("components", "services"),
    [
        (["Virtual machines EU"], ("vm",)),
        (["COMPUTE-1"], ("vm",)),
        (["compute-12"], ("vm", "mail")),
        (["Mail"], ("mail",)),
        (["mail", "virtual x"], ("vm", "mail")),
        ([], ("vm", "mail")),
    ],
    ids=["a pattern", "in any case", "none of them means all", "a service's own name", "several", "nothing means all"],
)
def test_which_services_a_component_concerns(components, services):
    assert PROVIDER.services_for(components) == services


def test_a_feed_leads_to_its_provider():
    documents = Documents.of([PROVIDER])
    found = documents.feed("nimbus-status")
    assert found is not None
    assert found[0] is PROVIDER
    assert documents.feed("other") is None


TWO = [dated("2026-01-01", "2026-01-01"), dated("2026-07-01", "2026-07-01")]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("2026-07-01", ["a/2026-07-01", "b/2026-07-01"]),
        ("b/2026-07-01", ["b/2026-07-01"]),
        ("2026-01-01", ["a/2026-01-01", "b/2026-01-01"]),
        ("c/2026-07-01", []),
        ("2025-01-01", []),
    ],
    ids=["in two agreements", "of one", "an older one", "of another provider", "none"],
)
def test_a_version_is_found_by_its_name_or_with_its_agreement_among_the_providers_own(name, found):
    documents = Documents.of(
        [contract("a", versions=TWO), contract("b", ("mail",), versions=TWO), contract("c", provider="x", versions=TWO)]
    )
    assert sorted(f"{one.id}/{version.version}" for one, version in documents.versions_named("nimbus", name)) == found


POLICY = EscalationPolicy.model_validate(
    {
        "apiVersion": "holdfast/v1",
        "kind": "EscalationPolicy",
        "id": "ladder",
        "applies_to": {"priorities": ["p1"]},
        "customer_ladder": [{"when": {"objective": "restore", "share": 0.75}, "notify": ["noc"], "via": ["email"]}],
    }
)


@pytest.mark.parametrize("document", [PROVIDER, POLICY, contract()], ids=document_key)
def test_documents_survive_the_wire(document):
    assert from_wire(to_wire(document)) == document


@pytest.mark.parametrize("value", [b"[]", b"{}", b'{"kind": "Recipe"}', b'{"kind": "Provider"}', b"no json"])
def test_bytes_that_are_no_document_are_refused(value):
    with pytest.raises(ValueError):  # noqa: PT011 - each kind of fault has its own words
        from_wire(value)


def test_an_edited_policy_is_another_version():
    other = POLICY.model_copy(update={"applies_to": POLICY.applies_to.model_copy(update={"priorities": ()})})
    assert other.version != POLICY.version == from_wire(to_wire(POLICY)).version
    assert (POLICY.applies("p1"), POLICY.applies("p2"), other.applies("p2")) == (True, False, True)


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ({"objective": "restore", "share": 0.75}, "75% of restore target"),
        ({"objective": "update", "missed": 1}, "missed update"),
        ({"objective": "update", "missed": 2}, "2 missed updates in a row"),
        ({"objective": "restore", "breached": True, "after": "30m"}, "30m after restore breached"),
    ],
)
def test_conditions_in_words(condition, words):
    assert str(Condition.model_validate(condition)) == words


OFFICE = {"hours": {"mon-fri": ["08:00-17:00"]}}


def test_a_target_runs_in_its_own_calendar_else_around_the_clock():
    version = version_of(
        calendars={"always": {"hours": "24x7"}, "office": OFFICE},
        targets=[{"objective": "restore", "p1": "4h", "p2": "3bd", "p2_calendar": "office"}],
    )
    friday = datetime(2026, 5, 8, 16, tzinfo=UTC)
    monday = datetime(2026, 5, 11, 9, tzinfo=UTC)
    assert version.calendar(Objective.RESTORE, "p1") is ALWAYS
    assert version.calendar(Objective.RESOLVE, "p1") is ALWAYS
    assert version.calendar(Objective.RESTORE, "p2").elapsed(friday, monday) == timedelta(hours=2)
    assert version.target(Objective.RESOLVE, "p1") is None


def test_only_the_pauses_of_an_objective_may_stop_its_clock():
    version = version_of(
        restore="4h",
        pauses=[
            {"reason": "awaiting_customer", "objectives": ["restore", "update"], "limit": "24h"},
            {"reason": "access_denied", "objectives": ["restore"]},
        ],
    )
    assert [one.reason for one in version.pauses_for(Objective.RESTORE)] == ["awaiting_customer", "access_denied"]
    assert [one.reason for one in version.pauses_for(Objective.UPDATE)] == ["awaiting_customer"]
    assert version.pauses_for(Objective.NOTIFY) == ()


CREDITS = {"tiers": [{"below": "99.9", "credit": "10"}], "monthly_fee": "100"}


@pytest.mark.parametrize(
    ("changes", "place", "words"),
    [
        ({"restore": "0m"}, ("targets", 0, "p1 to p9", "p1"), "no time at all"),
        ({"restore": "9999bd"}, ("targets", 0, "p1 to p9", "p1"), "longer than ten years"),
        ({"services": ["vm", "vm"]}, ("services", 1), "'vm' stands here twice"),
        ({"credits": CREDITS}, ("credits",), "need a currency"),
        ({"credits": {**CREDITS, "monthly_fee": None}}, ("credits",), "write monthly_fee"),
        (
            {"credits": {**CREDITS, "tiers": [*CREDITS["tiers"], {"below": "99.9", "credit": "25"}]}},
            ("credits", "tiers", 1, "below"),
            "from the highest down",
        ),
        ({"availability": [{"service": "vmm", "objective": "99"}]}, ("availability", 0, "service"), "mean 'vm'"),
        ({"availability": [{"service": "vm", "objective": "99"}] * 2}, ("availability", 1, "service"), "twice"),
        (
            {"availability": [{"service": "vm", "objective": "99", "hours": "ofice"}]},
            ("availability", 0, "hours"),
            "no calendar 'ofice'",
        ),
        ({"availability": [{"service": "vm", "objective": "101"}]}, ("availability", 0, "objective"), "no percentage"),
        (
            {"availability": [{"service": "vm", "objective": "99", "weights": {"major": "1.5"}}]},
            ("availability", 0, "weights", "major"),
            "from 0 to 1",
        ),
        (
            {"availability": [{"service": "vm", "objective": "99", "rounding": "0.05"}]},
            ("availability", 0, "rounding"),
            "the last digit kept",
        ),
        ({"credits": {**CREDITS, "minimum_payout": "-1"}}, ("credits", "minimum_payout"), "no amount of money"),
        ({"maintenance": {"notice": "3bd"}}, ("maintenance", "notice"), "write a fixed time here"),
        ({"pauses": [{"reason": "x", "objectives": ["restore"] * 2}]}, ("pauses", 0, "objectives", 1), "twice"),
        (
            {"targets": [{"objective": "restore", "p1": "4h", "p2_calendar": "always"}]},
            ("targets", 0, "p2_calendar"),
            "but no limit p2",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_version_that_can_not_be_measured_by_is_refused_at_the_place_of_the_fault(changes, place, words):
    with pytest.raises(ValidationError) as caught:
        version_of(**changes)
    faults = [(fault["loc"], fault["msg"]) for fault in caught.value.errors()]
    assert [loc for loc, _ in faults] == [place]
    assert words in faults[0][1]


def test_clauses_give_fixed_times_or_none():
    promise = {"service": "vm", "objective": "99.95", "quantum": "60s", "rounding": "0.01"}
    version = version_of(
        maintenance={"notice": "5d", "monthly_allowance": "4h"},
        availability=[promise, {"service": "mail", "objective": "99"}],
        services=["vm", "mail"],
    )
    assert version.maintenance is not None
    assert (version.maintenance.notice_time, version.maintenance.allowance) == (timedelta(days=5), timedelta(hours=4))
    assert [one.quantum_time for one in version.availability] == [timedelta(minutes=1), None]
    bare = version_of(maintenance={}).maintenance
    assert bare is not None
    assert (bare.notice_time, bare.allowance) == (timedelta(0), None)


def graded(name, services, priorities):
    limits = dict.fromkeys(priorities, "4h")
    version = version_of(services=services, targets=[{"objective": "restore", **limits}])
    return contract(name, versions=[version.model_dump(mode="json")])


@pytest.mark.parametrize(
    ("severity", "chosen"),
    [("major", "outages"), ("MAJOR", "outages"), ("minor", "all"), ("unheard of", None), (None, None)],
    ids=["fewer priorities", "in any case", "only one promises", "neither promises", "no severity"],
)
def test_of_two_with_as_many_services_the_one_for_fewer_priorities_governs(severity, chosen):
    documents = Documents.of([graded("all", ["vm"], ["p1", "p2"]), graded("outages", ["vm"], ["p1"])])
    at = datetime(2026, 5, 4, tzinfo=UTC)
    if chosen is None:
        with pytest.raises(AmbiguousAgreementError) as caught:
            documents.agreement_for("nimbus", ["vm"], at, severity)
        assert caught.value.agreements == ("all", "outages")
    else:
        found = documents.agreement_for("nimbus", ["vm"], at, severity)
        assert found is not None
        assert found[0].id == chosen


def test_a_narrow_agreement_gives_way_where_it_promises_nothing():
    documents = Documents.of([graded("narrow", ["vm"], ["p1"]), graded("wide", ["vm", "mail"], ["p1", "p2"])])
    at = datetime(2026, 5, 4, tzinfo=UTC)
    found = [documents.agreement_for("nimbus", ["vm"], at, severity) for severity in ("major", "minor", None)]
    assert [one[0].id for one in found if one is not None] == ["narrow", "wide", "narrow"]


def test_documents_on_the_topic_from_release_0_1_are_read():
    document = contract(versions=[version_of(targets=[{"objective": "restore", "p1": "4h", "p1_calendar": "always"}])
                                  .model_dump(mode="json")])  # fmt: skip
    wire = to_wire(document)
    assert b'"p1":"4h"' in wire
    old = wire.replace(
        b'"p1":"4h","p1_calendar":"always"', b'"durations":{"p1":"4h"},"calendars_by_priority":{"p1":"always"}'
    )
    assert old != wire
    assert from_wire(old) == document


@pytest.mark.parametrize(
    ("needs", "circles"),
    [
        ({"a": ["b"], "b": []}, ()),
        ({"a": ["a"]}, (("a", "a"),)),
        ({"a": ["b", "c"], "b": ["c"], "c": ["a"], "d": ["a"]}, (("a", "c", "a"), ("b", "c", "a", "b"))),
        ({"a": ["gone", "b"], "b": ["c"], "c": ["b"]}, (("b", "c", "b"),)),
    ],
    ids=["none", "itself", "a ring, the shortest way", "one that is not there"],
)
def test_services_that_need_themselves(needs, circles):
    services = {name: {"depends_on": others} for name, others in needs.items()}
    assert Provider.model_validate(PROVIDER.model_dump(by_alias=True) | {"services": services}).circles() == circles


@pytest.mark.parametrize("windows", [{"sun": []}, {"sonntag": ["00:00-06:00"]}, {"sun": ["6-8"]}])
def test_maintenance_windows_are_read_as_calendars_are(windows):
    with pytest.raises(ValidationError) as caught:
        version_of(maintenance={"windows": windows})
    assert caught.value.errors()[0]["loc"] == ("maintenance", "windows")


@pytest.mark.parametrize("key", ["durations", "calendars_by_priority", "p1 to p9", "p1_calendar to p9_calendar"])
def test_no_document_reaches_the_names_that_are_ours(key):
    with pytest.raises(ValidationError) as caught:
        version_of(targets=[{"objective": "restore", "p1": "4h", key: {"p1": "4h"}}])
    assert [fault["type"] for fault in caught.value.errors()] == ["extra_forbidden"]


@pytest.mark.parametrize("value", [20260101, 0, 1.5, True])
def test_a_number_is_no_date(value):
    with pytest.raises(ValidationError, match="is no date: write one such as 2026-01-01"):
        version_of(effective_from=value)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"feeds": [{"id": "f", "format": "cap", "timezone": "Mars"}]}, ("feeds", 0, "timezone")),
        ({"contacts": {"x": {"name": "X", "side": "customer", "timezone": "Mars"}}}, ("contacts", "x", "timezone")),
        ({"services": {"vm": {"downtime_cost_per_hour": "-1"}}}, ("services", "vm", "downtime_cost_per_hour")),
        ({"services": {"vm": {"downtime_cost_per_hour": "NaN"}}}, ("services", "vm", "downtime_cost_per_hour")),
        ({"sites": {"x": {"name": "X", "lat": float("nan"), "lon": 0}}}, ("sites", "x", "lat")),
        ({"sites": {"x": {"name": "X", "lat": 0, "lon": float("inf")}}}, ("sites", "x", "lon")),
    ],
)
def test_a_provider_that_makes_no_sense_is_refused_at_the_place_of_the_fault(changes, place):
    with pytest.raises(ValidationError) as caught:
        Provider.model_validate(PROVIDER.model_dump(by_alias=True) | changes)
    assert [fault["loc"] for fault in caught.value.errors()] == [place]


def test_known_zones_of_contacts_and_feeds_are_kept():
    changes = {
        "feeds": [{"id": "f", "format": "cap", "timezone": "Europe/Berlin"}],
        "contacts": {"x": {"name": "X", "side": "customer", "timezone": "Europe/Berlin"}},
    }
    provider = Provider.model_validate(PROVIDER.model_dump(by_alias=True) | changes)
    assert provider.feeds[0].timezone == provider.contacts["x"].timezone == "Europe/Berlin"
