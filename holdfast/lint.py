"""What documents need of each other, and what is only doubtful in them. Pure.

Faults make a question unanswerable: a name that leads nowhere, a tie. Doubts are about contracts that can be measured
by but are unlikely to be meant so. ``models`` refuses what is wrong within one part.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from feeds.registry import FORMATS
from holdfast.lint_contract import contract_doubts
from holdfast.lint_people import clear_secrets, rota_doubts, rota_faults
from holdfast.lint_policy import policy_doubts, policy_faults
from models.agreement import Agreement
from models.answers import ANSWERS_FEED
from models.chain import cycles, weaknesses
from models.documents import Documents
from models.policy import EscalationPolicy
from models.provider import Provider
from models.rota import Rota
from models.spec import Loc
from models.ties import Tie, ties
from models.version_faults import nearest

if TYPE_CHECKING:
    from holdfast.documents import Placed
    from holdfast.findings import Finding

Told = Iterator[tuple[Loc, str]]


def faults(placed: "Sequence[Placed]", documents: Documents) -> "Iterator[Finding]":
    """Yield errors: ids used twice, references that lead nowhere, ties, agreements that rest on themselves."""
    seen: dict[tuple[str, str], str] = {}
    for one in placed:
        name = (one.document.kind, one.document.id)
        first = seen.get(name)
        if first is not None:
            yield one.tree.finding(("id",), f"{name[0]} {name[1]!r} stands in {first} already")
            continue  # what else is wrong with it would be told twice
        line, _ = one.tree.place(("id",))
        seen.setdefault(name, f"{one.tree.file}:{line}")
        for loc, message in _faults_of(one, documents):
            yield one.tree.finding(loc, message)
    yield from _feeds_used_twice(placed)
    places = _agreements(placed)
    for chain in cycles(documents.agreements.values()):
        steps = " -> ".join([*(f"{one.provider} ({one.id})" for one in chain), chain[0].provider])
        yield places[chain[0].id].tree.finding(("customer",), f"agreements that rest on themselves: {steps}")
    for tie in ties(documents):
        if tie.is_certain:
            yield places[tie.agreements[1]].tree.finding(("id",), _tied(tie))


def doubts(placed: "Sequence[Placed]", documents: Documents) -> "Iterator[Finding]":
    """Yield warnings: what can be measured by, but is unlikely to be meant."""
    for one in placed:
        for loc, message in _doubts_of(one, documents):
            yield one.tree.finding(loc, message, "warning")
    agreements = documents.agreements.values()
    told: list[tuple[str, Loc, str]]
    told = [(tie.agreements[1], ("id",), _tied(tie)) for tie in ties(documents) if not tie.is_certain]
    if not cycles(agreements):
        told += [(one.agreement, one.loc, one.message) for one in weaknesses(agreements)]
    places = _agreements(placed)
    for agreement, loc, message in told:
        yield places[agreement].tree.finding(loc, message, "warning")


def _agreements(placed: "Sequence[Placed]") -> "dict[str, Placed]":
    return {one.document.id: one for one in placed if isinstance(one.document, Agreement)}


def _doubts_of(one: "Placed", documents: Documents) -> Told:
    if isinstance(one.document, Agreement):
        return contract_doubts(one.document, documents.policies)
    if isinstance(one.document, EscalationPolicy):
        return policy_doubts(one.document, documents)
    if isinstance(one.document, Rota):
        return rota_doubts(one.document)
    return clear_secrets(("contacts",), one.document.contacts)


def _tied(tie: Tie) -> str:
    what = f"an incident of {tie.service}" if tie.service else "an incident that names no service, or services of both,"
    how = f" of severity {tie.severity}" if tie.severity else ", where its severity is not promised for,"
    how = how if tie.service else ""
    return (
        f"{what}{how} fits {tie.agreements[0]!r} and {tie.agreements[1]!r} equally well "
        f"from {tie.begin:%Y-%m-%d %H:%M} UTC on, and is measured by neither"
    )


def _faults_of(one: "Placed", documents: Documents) -> Told:
    if isinstance(one.document, Agreement):
        return _agreement(one.document, documents)
    if isinstance(one.document, Provider):
        return _provider(one.document)
    if isinstance(one.document, Rota):
        return rota_faults(one.document, documents)
    return policy_faults(one.document, documents)


def _agreement(agreement: Agreement, documents: Documents) -> Told:
    provider = documents.providers.get(agreement.provider)
    if provider is None:
        near = nearest(agreement.provider, documents.providers)
        yield ("provider",), f"no Provider document {agreement.provider!r}{near}"
    for index, version in enumerate(agreement.versions):
        at: Loc = ("versions", index)
        if version.escalation is not None and version.escalation not in documents.policies:
            near = nearest(version.escalation, documents.policies)
            yield (*at, "escalation"), f"no EscalationPolicy document {version.escalation!r}{near}"
        if provider is not None:
            owners = version.review.owners if version.review is not None else ()
            who = f"provider {provider.id!r} has"
            yield from _absent((*at, "services"), version.services, provider.services, f"{who} no service")
            yield from _absent((*at, "review", "owners"), owners, provider.contacts, f"{who} no contact")


def _absent(loc: Loc, names: Sequence[str], known: Iterable[str], without: str, where: str = "") -> Told:
    """Yield the names of a list that lead nowhere."""
    there = sorted(known)
    for position, name in enumerate(names):
        if name not in there:
            yield (*loc, position), f"{without} {name!r}{where}{nearest(name, there)}"


def _provider(provider: Provider) -> Told:
    here = " in this document"
    for index, feed in enumerate(provider.feeds):
        if feed.id == ANSWERS_FEED:
            yield ("feeds", index, "id"), f"feed id {feed.id!r} is reserved for answers to pages; choose another"
        if feed.format not in FORMATS:
            near = nearest(feed.format, FORMATS) or f"; there are {', '.join(FORMATS)}"
            yield ("feeds", index, "format"), f"no format {feed.format!r}{near}"
        if not feed.every.fixed:
            yield ("feeds", index, "every"), f"{feed.every} is no time to poll after; write one such as 60s or 5m"
    for name, service in provider.services.items():
        at: Loc = ("services", name)
        yield from _absent((*at, "sites"), service.sites, provider.sites, "no site", here)
        yield from _absent((*at, "depends_on"), service.depends_on, provider.services, "no service", here)
    for circle in provider.circles():
        yield ("services", circle[0], "depends_on"), f"services that need themselves: {' -> '.join(circle)}"


def _feeds_used_twice(placed: "Sequence[Placed]") -> "Iterator[Finding]":
    """Yield feeds whose id another one has, in any document: payloads carry the id and nothing else."""
    seen: dict[str, str] = {}
    providers = {one.document.id: one for one in reversed(placed) if isinstance(one.document, Provider)}
    for one in reversed(providers.values()):
        assert isinstance(one.document, Provider)
        for index, feed in enumerate(one.document.feeds):
            loc: Loc = ("feeds", index, "id")
            line, _ = one.tree.place(loc)
            here = f"{one.tree.file}:{line}"
            first = seen.setdefault(feed.id, here)
            if first != here:
                yield one.tree.finding(loc, f"feed {feed.id!r} stands in {first} already")
