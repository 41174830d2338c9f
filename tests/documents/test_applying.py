"""What applying would change: told document by document, and a version in force is not changed in passing."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from holdfast import kafka
from holdfast.applying import Change, compare, publish, published
from holdfast.settings import Settings
from models.agreement import Agreement
from models.documents import document_key, documents_of, from_wire, to_wire
from models.policy import EscalationPolicy, Repeat
from models.provider import Provider
from models.topics import Stream
from tests.support.timeline import agreement as version_of

NOW = datetime(2026, 5, 4, tzinfo=UTC)


def provider(name="nimbus", **changes):
    return Provider.model_validate({"apiVersion": "holdfast/v1", "kind": "Provider", "id": name, "name": "N"} | changes)


def version(name, begin, limit="4h", **changes):
    return version_of(restore=limit, version=name, effective_from=begin, **changes)


def contract(*versions, **changes):
    content = {"apiVersion": "holdfast/v1", "kind": "Agreement", "id": "a", "provider": "nimbus", "customer": "us"}
    told = [one.model_dump(mode="json") for one in versions]
    return Agreement.model_validate(content | {"contract": "sla", "versions": told} | changes)


def differences(before, after):
    return compare({document_key(one): one for one in before}, after, NOW)


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ([], [provider()], [("Provider/nimbus", Change.NEW)]),
        ([provider()], [provider()], [("Provider/nimbus", Change.UNCHANGED)]),
        ([provider()], [provider(name="other")], [("Provider/nimbus", Change.GONE), ("Provider/other", Change.NEW)]),
        (
            [provider()],
            [provider(sites={"x": {"name": "X", "lat": 1, "lon": 2}})],
            [("Provider/nimbus", Change.CHANGED)],
        ),
        ([], [], []),
    ],
    ids=["new", "unchanged", "gone and new", "changed", "nothing"],
)
def test_each_document_is_new_changed_unchanged_or_gone(before, after, changes):
    assert [(one.key, one.change) for one in differences(before, after)] == changes


OLD, NEXT = version("old", "2026-01-01"), version("next", "2026-07-01")


@pytest.mark.parametrize(
    ("before", "after", "note", "amends"),
    [
        ([OLD], [OLD, NEXT], "version 'next' from 2026-07-01 added", False),
        ([OLD, NEXT], [OLD], "version 'next' removed", False),
        ([OLD, NEXT], [OLD, version("next", "2026-07-01", "5h")], "version 'next' changed (targets)", False),
        ([OLD], [version("old", "2026-01-01", "5h")],
         "version 'old' changed (targets), in force since 2026-01-01", True),
        ([OLD, NEXT], [OLD, version("next", "2026-05-01")], "version 'next' changed (effective_from)", True),
        ([OLD], [OLD, version("late", "2026-05-01")],
         "version 'late' from 2026-05-01 added, in force since 2026-05-01", True),
        ([OLD, NEXT], [NEXT], "version 'old' removed, in force since 2026-01-01", True),
        ([OLD], [version("old", "2026-01-01", effective_to="2026-07-01")],
         "version 'old' changed (effective_to), in force since 2026-01-01", False),
        ([OLD], [version("old", "2026-01-01", effective_to="2026-05-01")],
         "version 'old' changed (effective_to), in force since 2026-01-01", True),
        ([version("old", "2026-01-01", effective_to="2026-05-01")], [OLD],
         "version 'old' changed (effective_to), in force since 2026-01-01", True),
    ],
    ids=[
        "a later version added", "a later version removed", "a later version changed", "a version in force changed",
        "a later version moved into the past", "a version of the past added", "a version in force removed",
        "an end to come", "an end that has passed", "an end that had passed",
    ],
)  # fmt: skip
def test_a_version_that_has_been_in_force_is_amended_by_any_change_of_it(before, after, note, amends):
    (found,) = differences([contract(*before)], [contract(*after)])
    assert found.notes == (note,)
    assert found.amendments == ((note,) if amends else ())


def test_another_provider_changes_what_all_versions_govern():
    (found,) = differences([contract(OLD)], [contract(OLD, provider="telco")])
    assert found.amendments == ("provider 'nimbus' becomes 'telco'",)
    (found,) = differences([contract(NEXT)], [contract(NEXT, provider="telco")])
    assert (found.notes, found.amendments) == (("provider 'nimbus' becomes 'telco'",), ())


def test_a_title_is_no_amendment():
    (found,) = differences([contract(OLD)], [contract(OLD, title="T")])
    assert (found.change, found.notes, found.amendments) == (Change.CHANGED, (), ())


def test_a_new_agreement_tells_its_versions():
    (found,) = differences([], [contract(OLD, NEXT)])
    assert found.notes == ("version 'old' from 2026-01-01", "version 'next' from 2026-07-01")


def test_what_can_not_be_read_any_more_is_replaced():
    (found,) = compare({"Provider/nimbus": None}, [provider()], NOW)
    assert (found.change, found.amendments) == (Change.CHANGED, ())


def record(key, value):
    return SimpleNamespace(key=key, value=value)


def test_of_each_published_document_the_newest_counts(monkeypatch):
    first, second = provider(name="a"), provider(name="a", sites={"x": {"name": "X", "lat": 1, "lon": 2}})
    log = [
        record(b"Provider/a", to_wire(first)),
        record(b"Provider/b", to_wire(provider(name="b"))),
        record(b"Provider/a", to_wire(second)),
        record(b"Provider/b", None),
        record(b"Provider/c", b"no document"),
        record(None, b"{}"),
        record(b"Provider/d", None),
    ]
    monkeypatch.setattr(kafka, "read_all", lambda settings, topic: iter(log))
    assert published(Settings(_env_file=None)) == {"Provider/a": second, "Provider/c": None, "": None}


@pytest.mark.parametrize(
    ("prune", "keys"), [(False, ["Provider/a", "Provider/b"]), (True, ["Provider/a", "Provider/b", "Provider/d"])]
)
def test_only_what_is_new_or_changed_is_sent_and_what_is_gone_only_when_asked(prune, keys):
    sent = []
    publisher = SimpleNamespace(send=lambda *told: sent.append(told), flush=lambda: sent.append("flushed"))
    changed = provider(name="b", sites={"x": {"name": "X", "lat": 1, "lon": 2}})
    wanted = [provider(name="a"), changed, provider(name="c")]
    found = differences([provider(name="b"), provider(name="c"), provider(name="d")], wanted)
    publish(publisher, wanted, found, prune=prune)
    assert [one[1] for one in sent[:-1]] == keys
    assert {one[0] for one in sent[:-1]} == {Stream.DOCUMENTS}
    assert [one[2] for one in sent[:-1]] == [to_wire(wanted[0]), to_wire(changed), None][: len(keys)]
    assert sent[-1] == "flushed"


def test_every_version_of_a_policy_is_kept_the_one_before_too():
    """An incident pins the version that it began under, also one that an earlier release did not keep."""
    sent = []
    publisher = SimpleNamespace(send=lambda stream, key, value: sent.append((key, value)), flush=lambda: None)
    old = EscalationPolicy.model_validate({"apiVersion": "holdfast/v1", "kind": "EscalationPolicy", "id": "major"})
    new = old.model_copy(update={"repeat": Repeat(loops=1)})
    publish(publisher, [new], differences([old], [new]), prune=False, before=[old])
    kept = documents_of({key: from_wire(value) for key, value in sent})
    assert kept.policies == {"major": new}
    assert kept.policy("major", old.version) == old
    assert kept.policy("major", new.version) == new
    assert kept.policy("major", "gone") == new
