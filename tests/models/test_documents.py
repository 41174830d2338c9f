"""Documents in force: which version when, which agreement for whom, whom a component concerns (measurement.md §6)."""

from datetime import UTC, datetime

import pytest

from models.agreement import Agreement
from models.documents import AmbiguousAgreementError, Documents, document_key, from_wire, to_wire
from models.limits import unmeasured
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


def test_targets_that_make_no_clock_are_listed_with_the_reason():
    version = version_of(
        calendars={"always": {"hours": "24x7"}, "office": {"hours": {"mon": ["08:00-17:00"]}, "timezone": "UTC"}},
        targets=[
            {"objective": "acknowledge", "p1": "15m", "p2": "1h", "calendar": "always", "p2_calendar": "office"},
            {"objective": "restore", "p1": "4h", "p2": "3bd"},
            {"objective": "root_cause", "p1": "5d"},
        ],
    )
    assert unmeasured(version) == (
        "acknowledge p2: calendar other than 24x7",
        "restore p2: 3bd needs a business calendar",
        "root_cause p1: objective not measured yet",
    )
    assert version.target(Objective.RESOLVE, "p1") is None
