"""The auditor: pages that should exist and do not, or exist and should not, or went out twice. Pure.

Compares what follows from the ledger (``models.replaying``) with what is on the topics of plans, pages and deliveries.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from models.case import digest_of
from models.delivered import sent_twice, undelivered
from models.documents import Documents
from models.instants import format_instant
from models.paging import Delivery, Page, PageKind, PlanDocument
from models.replaying import Expected, PlanHistory


class Fault(StrEnum):
    """Kinds of findings."""

    MISSING = "page_missing"
    UNEXPECTED = "page_unexpected"
    DIFFERS = "page_differs"
    TWICE = "sent_twice"
    UNDELIVERED = "page_undelivered"
    PLAN_DIFFERS = "plan_differs"
    UNAUDITED = "unaudited"


NEXT_STEPS = {
    Fault.MISSING: "tell the person now; then look at the worker's log around that instant",
    Fault.UNEXPECTED: "ask who else writes to the topic of pages, and whether another release of the worker runs",
    Fault.DIFFERS: "ask whether two releases of the worker run, or ran, at once",
    Fault.TWICE: "tell the receiver that the second one was a repeat; look at the notifier's log around that instant",
    Fault.UNDELIVERED: "look whether `holdfast notify` runs, and tell the person by other means",
    Fault.PLAN_DIFFERS: "look at the worker's log; boards show a plan that the ledger does not give",
    Fault.UNAUDITED: "see `holdfast dead-letters list` with the reason fold_failed; mend the cause and replay",
}


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One difference between the ledger and what was told."""

    fault: Fault
    provider: str
    incident_id: str | None
    page_id: str | None
    words: str
    next_step: str
    explained: str | None = None
    """Why it may be right all the same: a document was changed meanwhile. None leaves it a fault."""


@dataclass(frozen=True, slots=True)
class Found:
    """What is on the topics."""

    pages: Sequence[Page]
    plans: Mapping[str, PlanDocument]
    """The newest revision of each incident's."""
    deliveries: Sequence[Delivery]
    """In the order of the topic, per partition."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What to compare."""

    now: datetime
    since: datetime | None = None
    """Only what was issued from then on; None is everything."""
    handled: Mapping[int, int] = field(default_factory=dict)
    """By partition: the ledger offset below which everything has its effects; what follows from later records may not
    be out yet."""
    changed_at: Mapping[str, datetime] = field(default_factory=dict)
    """By key on the topic of documents: when the newest version of it was published."""
    undelivered_after: timedelta = timedelta(minutes=15)

    def holds(self, at: datetime) -> bool:
        """Return whether something of an instant is looked at."""
        return self.since is None or at >= self.since


def audit(expected: Expected, found: Found, documents: Documents, scope: Scope) -> tuple[Discrepancy, ...]:
    """Compare.

    Args:
        expected: by the ledger to its end, which was read last: what is on the topics then follows from it.
        found: on the topics, read before that.
        documents: in force, with the kept versions.
        scope: what to compare.

    Returns:
        Differences by kind, in the order of ``Fault``.
    """
    why = _Explaining(expected, documents, scope)
    by_id: dict[str, Page] = {}
    for page in found.pages:
        by_id.setdefault(page.page_id, page)
    return (
        *_missing(expected, by_id, scope, why),
        *_unexpected(expected, by_id, scope, why),
        *_differing(expected, found.pages, scope, why),
        *(_of_delivery(one, words) for one, words in sent_twice(found.deliveries) if scope.holds(one.finished_at)),
        *_undelivered(by_id, found.deliveries, scope),
        *_plans(expected, found.plans, scope, why),
        *(_difference(Fault.UNAUDITED, name, None, None, words) for name, words in sorted(expected.broken.items())),
    )


@dataclass(frozen=True, slots=True)
class _Explaining:
    """Says whether a difference may come of a document that was changed after the incident began."""

    expected: Expected
    documents: Documents
    scope: Scope

    def page(self, page: Page) -> str | None:
        if self.documents.policies and (page.policy, page.policy_version) not in self.documents.policy_versions:
            return f"version {page.policy_version} of policy {page.policy} is not kept any more"
        return self.incident(page.provider, page.incident_id, page.policy)

    def incident(self, provider: str, incident_id: str, policy: str) -> str | None:
        began = self.expected.began.get(incident_id)
        keys = {f"Provider/{provider}", f"EscalationPolicy/{policy}"}
        keys |= {f"Agreement/{one.id}" for one in self.documents.agreements.values() if one.provider == provider}
        keys |= {f"Rota/{name}" for name in self.documents.rotas}
        for key in sorted(keys & self.scope.changed_at.keys()):
            if began is not None and self.scope.changed_at[key] > began:
                return f"{key} was published at {format_instant(self.scope.changed_at[key])}, after the incident began"
        return None


def _missing(expected: Expected, found: Mapping[str, Page], scope: Scope, why: _Explaining) -> Iterator[Discrepancy]:
    for page, cause in expected.pages.values():
        is_out = cause.offset < scope.handled.get(cause.partition, 0)
        if is_out and page.page_id not in found and scope.holds(page.issued_at):
            words = (
                f"{page.recipient_name} should have been told by {page.channel} ({page.reason}, due "
                f"{format_instant(page.due_at)}, ledger record {cause.partition}/{cause.offset}); there is no such page"
            )
            yield _of_page(Fault.MISSING, page, words, why.page(page))


def _unexpected(expected: Expected, found: Mapping[str, Page], scope: Scope, why: _Explaining) -> Iterator[Discrepancy]:
    for page in found.values():
        if not scope.holds(page.issued_at) or page.provider in expected.broken or _is_known(page, expected, found):
            continue
        words = (
            f"{page.recipient_name} was paged by {page.channel} ({page.reason}, due {format_instant(page.due_at)}), "
            f"and the ledger gives no such page{_instead(expected.plans.get(page.incident_id), page)}"
        )
        yield _of_page(Fault.UNEXPECTED, page, words, why.page(page))


def _is_known(page: Page, expected: Expected, found: Mapping[str, Page]) -> bool:
    """Return whether the ledger gives a page, or those that a notifier made it of."""
    if page.page_id in expected.pages:
        return True
    if page.kind is PageKind.BUNDLE:
        return all(member in expected.pages for member in page.members)
    stood_for = page.stands_in_for
    seen = {page.page_id}
    while stood_for is not None and stood_for not in seen:
        if stood_for in expected.pages:
            return True
        seen.add(stood_for)
        stood_for = found[stood_for].stands_in_for if stood_for in found else None
    return False


def _instead(history: PlanHistory | None, page: Page) -> str:
    """Say what the recomputed plan has in a page's place."""
    if history is None or history.latest is None:
        return ": the incident has no plan"
    plan = history.latest
    if (plan.policy, plan.policy_version) != (page.policy, page.policy_version):
        return f": it is of version {page.policy_version} of policy {page.policy}, not {plan.policy_version}"
    rung = next((one for one in plan.rungs if one.page_id == page.page_id), None)
    return "" if rung is None else f": {rung.state.value}" + (f", {rung.reason}" if rung.reason else "")


def _differing(expected: Expected, pages: Iterable[Page], scope: Scope, why: _Explaining) -> Iterator[Discrepancy]:
    told: set[str] = set()
    for page in pages:
        wanted = expected.pages.get(page.page_id)
        if wanted is None or page.page_id in told or not scope.holds(page.issued_at):
            continue
        if wanted[0].due_at != page.due_at:
            told.add(page.page_id)
            words = (
                f"due {format_instant(page.due_at)} on the topic and {format_instant(wanted[0].due_at)} by the ledger"
            )
            yield _of_page(Fault.DIFFERS, page, words, why.page(page))


def _undelivered(pages: Mapping[str, Page], deliveries: Sequence[Delivery], scope: Scope) -> Iterator[Discrepancy]:
    mine = [page for page in pages.values() if scope.holds(page.issued_at)]
    for page in undelivered(mine, deliveries, scope.now - scope.undelivered_after):
        age_s = (scope.now - page.issued_at).total_seconds()
        words = f"the page to {page.recipient_name} by {page.channel} has no outcome {age_s:.0f} s after it was issued"
        yield _of_page(Fault.UNDELIVERED, page, words)


def _plans(
    expected: Expected, found: Mapping[str, PlanDocument], scope: Scope, why: _Explaining
) -> Iterator[Discrepancy]:
    for incident_id, history in expected.plans.items():
        latest = history.latest
        if latest is None or latest.provider in expected.broken or not _is_recent(history, scope):
            continue
        words = _plan_differs(history, found.get(incident_id), scope)
        if words is not None:
            explained = why.incident(latest.provider, incident_id, latest.policy)
            yield _difference(Fault.PLAN_DIFFERS, latest.provider, incident_id, None, words, explained)


def _is_recent(history: PlanHistory, scope: Scope) -> bool:
    return any(scope.holds(cause.recorded_at) for cause in history.causes.values())


def _plan_differs(history: PlanHistory, found: PlanDocument | None, scope: Scope) -> str | None:
    out = [
        revision for revision, cause in history.causes.items() if cause.offset < scope.handled.get(cause.partition, 0)
    ]
    due = max(out, default=0)
    if found is None:
        return f"revision {due} of the plan should be there; there is none" if due else None
    if found.revision < due:
        return f"revision {found.revision} of the plan is on the topic; by the ledger it is at {due}"
    digest = history.digests.get(found.revision)
    if digest is None:
        return f"revision {found.revision} of the plan is on the topic; by the ledger it is at {max(history.digests)}"
    return None if digest == digest_of(found) else f"revision {found.revision} of the plan says something else"


def _of_delivery(one: Delivery, words: str) -> Discrepancy:
    return _difference(Fault.TWICE, one.provider, one.incident_id, one.page_id, words)


def _of_page(fault: Fault, page: Page, words: str, explained: str | None = None) -> Discrepancy:
    return _difference(fault, page.provider, page.incident_id, page.page_id, words, explained)


def _difference(
    fault: Fault, provider: str, incident_id: str | None, page_id: str | None, words: str, explained: str | None = None
) -> Discrepancy:
    return Discrepancy(fault, provider, incident_id, page_id, words, NEXT_STEPS[fault], explained)
