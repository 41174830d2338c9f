"""Drafts of agreements, judged against what happened as if they had been in force. IO: reads documents.

What comes of it is a supposition: labelled wherever it is shown, never stored (measurement.md §6).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from holdfast.documents import DocumentsError, check_documents
from models.agreement import Agreement, AgreementVersion
from models.documents import Documents
from models.incident import Contract, Subject
from models.instants import EARLIEST
from models.provider import Provider

ELSEWHERE = ("no Provider document", "no EscalationPolicy document")
"""Findings that a draft may have: what it refers to stands in the documents beside it."""


class DraftError(ValueError):
    """A draft that can't be applied to the provider's history; the message says why. Exit 2."""


@dataclass(frozen=True)
class Supposed:
    """A contract that is supposed to have governed an incident."""

    contract: Contract
    was_in_force: bool
    """False where the version nearest in time was taken, because none was in force then."""


@dataclass(frozen=True)
class Draft:
    """Agreements that are supposed to have been in force."""

    documents: Documents
    name: str
    """As it was asked for."""

    def contract(self, subject: Subject) -> Supposed | None:
        """Return what would have governed an incident; None where the draft covers none of its services.

        The version in force at its start; before the first version the first, after the last the last. Of several
        agreements the most specific, as ever.

        Raises:
            AmbiguousAgreementError: if two fit equally well.
        """
        at = subject.begins_at()
        found = self.documents.agreement_for(subject.provider, subject.services, at, subject.first_severity())
        if found is not None:
            return Supposed(Contract(*found), was_in_force=True)
        near = self._nearest(subject, at)
        return None if near is None else Supposed(near, was_in_force=False)

    def _nearest(self, subject: Subject, at: datetime) -> Contract | None:
        """Choose among the nearest versions as among those in force."""
        versions = {one.id: (one, nearest(one, at)) for one in self.agreements(subject.provider)}
        always = {"effective_from": EARLIEST.date(), "effective_to": None}
        stretched = Documents.of(
            one.model_copy(update={"versions": (version.model_copy(update=always),)})
            for one, version in versions.values()
        )
        found = stretched.agreement_for(subject.provider, subject.services, at, subject.first_severity())
        return None if found is None else Contract(*versions[found[0].id])

    def agreements(self, provider: str) -> tuple[Agreement, ...]:
        """Return the agreements with a provider, by id."""
        every = sorted(self.documents.agreements.values(), key=lambda one: one.id)
        return tuple(one for one in every if one.provider == provider)


def nearest(agreement: Agreement, at: datetime) -> AgreementVersion:
    """Return the version in force at an instant, else the one nearest in time."""
    found = agreement.version_at(at)
    if found is not None:
        return found
    ordered = sorted(agreement.versions, key=lambda version: version.effective_from)
    return ordered[0] if at < ordered[0].begins_at() else ordered[-1]


def draft_of(path: Path, provider: Provider) -> Draft:
    """Read a draft: a YAML file or a directory; Provider and EscalationPolicy documents may stand elsewhere.

    Raises:
        DocumentsError: if anything else is wrong with it.
        DraftError: if it has no agreement with the provider, or one about services that the provider does not have.
    """
    documents, findings = check_documents(path, warnings=False)
    faults = [one for one in findings if one.severity == "error" and not one.message.startswith(ELSEWHERE)]
    if faults:
        raise DocumentsError(faults)
    draft = Draft(documents, str(path))
    agreements = draft.agreements(provider.id)
    if not agreements:
        raise DraftError(f"{path} has no agreement with {provider.id!r}; it has agreements with: {_named(documents)}")
    named = {service for agreement in agreements for version in agreement.versions for service in version.services}
    if unknown := sorted(named - provider.services.keys()):
        there = ", ".join(sorted(provider.services)) or "none"
        raise DraftError(f"{path}: provider {provider.id!r} has no service {unknown[0]!r}; there is: {there}")
    return draft


def _named(documents: Documents) -> str:
    providers: Iterable[str] = {agreement.provider for agreement in documents.agreements.values()}
    return ", ".join(sorted(providers)) or "nobody"
