"""Incidents that two agreements would fit equally well, found before any happens. Pure.

Nothing is argued here: the question that the engine will ask is asked for every kind of incident that there can be.
Kinds that no agreement tells apart are asked once.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from models.agreement import AgreementVersion
from models.documents import AmbiguousAgreementError, Documents

Named = Callable[[AgreementVersion], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Tie:
    """Two agreements that fit one kind of incident equally well."""

    agreements: tuple[str, str]
    provider: str
    service: str | None
    """None: an incident that names no service, or services of both."""
    severity: str | None
    """None: one of which no severity is known, or of one that neither promises anything for."""
    begin: datetime
    """From when on, at the latest."""

    @property
    def is_certain(self) -> bool:
        """True if a service and a severity that are promised for lead to it; else it takes a poorly told incident."""
        return self.service is not None and self.severity is not None


def ties(documents: Documents) -> Iterator[Tie]:
    """Yield ties, one for each pair of agreements: a certain one rather than another."""
    found = [tie for provider in _providers(documents) for tie in _of(documents, provider)]
    seen: set[tuple[str, str]] = set()
    for tie in sorted(found, key=lambda one: not one.is_certain):
        if tie.agreements not in seen:
            seen.add(tie.agreements)
            yield tie


def _providers(documents: Documents) -> list[str]:
    return sorted({agreement.provider for agreement in documents.agreements.values()})


def _of(documents: Documents, provider: str) -> Iterator[Tie]:
    """Yield every tie of a provider's agreements, at each change of the versions in force."""
    agreements = [one for one in documents.agreements.values() if one.provider == provider]
    for begin in sorted({version.begins_at() for agreement in agreements for version in agreement.versions}):
        versions = [one for one in (agreement.version_at(begin) for agreement in agreements) if one is not None]
        services = (*_kinds(versions, lambda version: version.services), None)
        severities = (*_kinds(versions, _promised_words), None)
        for service in services:
            for severity in severities:
                try:
                    documents.agreement_for(provider, [] if service is None else [service], begin, severity)
                except AmbiguousAgreementError as error:
                    yield Tie(error.agreements, provider, service, severity, begin)


def _kinds(versions: list[AgreementVersion], named: Named) -> tuple[str, ...]:
    """Return names of which each is known to other versions than the rest: one for all that are treated alike."""
    known: dict[str, list[int]] = {}
    for index, version in enumerate(versions):
        for name in named(version):
            known.setdefault(name, []).append(index)
    return tuple({tuple(where): name for name, where in reversed(known.items())}.values())


def _promised_words(version: AgreementVersion) -> list[str]:
    """Return the severities at whose priority a version promises anything."""
    words = (word for name in sorted(version.promised) for word in version.priorities[name].severities)
    return sorted({word.lower() for word in words})
