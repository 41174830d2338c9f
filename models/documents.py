"""The set of documents that a decision needs: agreements, providers and policies, with their look-ups. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from models.agreement import Agreement, AgreementVersion
from models.policy import EscalationPolicy
from models.provider import Feed, Provider
from models.rota import Rota

AnyDocument = Agreement | Provider | EscalationPolicy | Rota
KINDS: dict[str, type[AnyDocument]] = {
    "Agreement": Agreement,
    "Provider": Provider,
    "EscalationPolicy": EscalationPolicy,
    "Rota": Rota,
}


class AmbiguousAgreementError(ValueError):
    """Two agreements fit one incident equally well; ``holdfast lint`` names them. Mend the documents."""

    def __init__(self, first: str, second: str, provider: str, services: Iterable[str]) -> None:
        named = f" {sorted(services)}" if services else ""
        super().__init__(f"agreements {first!r} and {second!r} fit {provider}{named} equally well")
        self.agreements = (first, second)


@dataclass(frozen=True)
class Documents:
    """All documents in force, by id."""

    agreements: dict[str, Agreement] = field(default_factory=dict)
    providers: dict[str, Provider] = field(default_factory=dict)
    policies: dict[str, EscalationPolicy] = field(default_factory=dict)
    """In force now."""
    rotas: dict[str, Rota] = field(default_factory=dict)
    policy_versions: dict[tuple[str, str], EscalationPolicy] = field(default_factory=dict)
    """By (id, version): those in force and those that were, for the incidents that pin them."""

    @classmethod
    def of(cls, documents: Iterable[AnyDocument], former: Iterable[EscalationPolicy] = ()) -> "Documents":
        """Sort documents by kind; of two with one id, the later one stays.

        Args:
            documents: in force.
            former: versions of policies that are not in force any more, or are.
        """
        every = list(documents)
        policies = [one for one in every if isinstance(one, EscalationPolicy)]
        return cls(
            {one.id: one for one in every if isinstance(one, Agreement)},
            {one.id: one for one in every if isinstance(one, Provider)},
            {one.id: one for one in policies},
            {one.id: one for one in every if isinstance(one, Rota)},
            {(one.id, one.version): one for one in (*former, *policies)},
        )

    def __iter__(self) -> Iterator[AnyDocument]:
        """Yield every document."""
        yield from self.agreements.values()
        yield from self.providers.values()
        yield from self.policies.values()
        yield from self.rotas.values()

    def policy(self, policy_id: str, version: str | None) -> EscalationPolicy | None:
        """Return a policy as an incident pinned it; the one in force where nothing is pinned, or nobody kept that."""
        pinned = self.policy_versions.get((policy_id, version)) if version is not None else None
        return pinned or self.policies.get(policy_id)

    def policies_of(self, provider: str, at: datetime) -> tuple[EscalationPolicy, ...]:
        """Return the policies that agreements with a provider name at an instant, by id."""
        versions = [one.version_at(at) for one in self.agreements.values() if one.provider == provider]
        named = {one.escalation for one in versions if one is not None and one.escalation is not None}
        return tuple(self.policies[name] for name in sorted(named) if name in self.policies)

    def versions_of(self, provider: str) -> dict[str, tuple[Agreement, AgreementVersion]]:
        """Return every version of the agreements with a provider, by ``agreement/version``."""
        mine = (one for one in self.agreements.values() if one.provider == provider)
        return {f"{one.id}/{version.version}": (one, version) for one in mine for version in one.versions}

    def versions_named(self, provider: str, name: str) -> list[tuple[Agreement, AgreementVersion]]:
        """Return the versions that ``2026-01-01`` or ``agreement/2026-01-01`` means: one, of a good name."""
        every = self.versions_of(provider).items()
        return [found for key, found in every if name in (key, found[1].version)]

    def feed(self, feed_id: str) -> tuple[Provider, Feed] | None:
        """Return a feed and the provider that it speaks of."""
        for provider in self.providers.values():
            for feed in provider.feeds:
                if feed.id == feed_id:
                    return provider, feed
        return None

    def agreement_for(
        self, provider: str, services: Sequence[str], at: datetime, severity: str | None = None
    ) -> tuple[Agreement, AgreementVersion] | None:
        """Return the agreement that governs an incident and the version in force at its start.

        The most specific wins: the one that names the fewest services, of those that cover any of the incident's. Where
        its severity is known, only those count that promise anything at its priority, if any does; and of two with as
        many services the one that promises anything at fewer priorities wins.

        Args:
            provider: whose incident it is.
            services: that it concerns; empty where it names none.
            at: its start.
            severity: in the provider's own words; each agreement makes its own priority of them.

        Raises:
            AmbiguousAgreementError: if two are equally specific (measurement.md §6: a tie is an error).
        """
        wanted = set(services)
        found = []
        for agreement in self.agreements.values():
            version = agreement.version_at(at) if agreement.provider == provider else None
            if version is not None and (not wanted or wanted & set(version.services)):
                found.append((agreement, version))
        fitting = [entry for entry in found if entry[1].priority_of(severity) in entry[1].promised]
        ranked = sorted(
            (
                (len(one.services), len(one.promised) if fitting else 0, agreement.id)
                for agreement, one in fitting or found
            )
        )
        if len(ranked) > 1 and ranked[0][:2] == ranked[1][:2]:
            raise AmbiguousAgreementError(ranked[0][2], ranked[1][2], provider, wanted)
        return next((entry for entry in found if entry[0].id == ranked[0][2]), None) if ranked else None


def document_key(document: AnyDocument) -> str:
    """Return the key of a document on the compacted topic, such as ``Provider/nimbus``."""
    return f"{document.kind}/{document.id}"


def version_key(policy: EscalationPolicy) -> str:
    """Return the key under which one version of a policy is kept for good, such as ``EscalationPolicy/major@5f2b...``.

    Incidents pin the version that was in force when they began; an edit must not change who is told of them.
    """
    return f"{document_key(policy)}@{policy.version}"


def is_version_key(key: str) -> bool:
    """Return whether a key on the compacted topic is of a kept version, not of a document in force."""
    return "@" in key


def documents_of(records: Mapping[str, AnyDocument]) -> Documents:
    """Return the documents in force, with kept versions of policies, from the newest record of each key."""
    in_force = [one for key, one in records.items() if not is_version_key(key)]
    former = [one for key, one in records.items() if is_version_key(key) and isinstance(one, EscalationPolicy)]
    return Documents.of(in_force, former)


def to_wire(document: AnyDocument) -> bytes:
    """Return the JSON bytes of a document for the compacted topic."""
    return orjson.dumps(document.model_dump(mode="json", by_alias=True), option=orjson.OPT_SORT_KEYS)


def from_wire(value: bytes) -> AnyDocument:
    """Read ``to_wire`` bytes back.

    Raises:
        ValueError: if the bytes are no document of a known kind; the worker keeps the last good one and says so.
    """
    content = orjson.loads(value)
    model = KINDS.get(content.get("kind", "")) if isinstance(content, dict) else None
    if model is None:
        raise ValueError("no document of a known kind")
    return model.model_validate(_as_written(content))


def _as_written(content: dict[str, Any]) -> dict[str, Any]:
    """Return a document of release 0.1 in today's form: limits stood apart from the target's other keys."""
    versions = content.get("versions")
    for version in versions if isinstance(versions, list) else ():
        for target in version.get("targets", ()):
            target.update(target.pop("durations", {}))
            calendars = target.pop("calendars_by_priority", {})
            target.update({f"{priority}_calendar": name for priority, name in calendars.items()})
    return content
