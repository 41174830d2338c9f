"""One hazard over a provider's sites told anew as of an instant: who is paged about it, and when to look again. Pure.

A hazard opens no clock (measurement.md §9): it has a memory of its own for the pages that its exposure makes.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from models.case import CaseState
from models.document import Document
from models.hazard_pages import About, all_clear_pages, clear_at, exposure_pages, told_exposure
from models.ladder import paged
from models.moving import Moving, Terms
from models.paging import Page
from models.rung_page import People
from models.surroundings import HazardOver


@dataclass(frozen=True, slots=True)
class Struck:
    """A hazard over a provider's sites, and what it did to the services."""

    provider: str
    hazard: HazardOver
    holds_since: datetime | None
    """When the last service that it hit worked again; None where none failed."""
    is_hit: bool
    """True while an incident in its time and area lasts: then all is not clear."""


def tell_hazard(
    case: CaseState, struck: Struck, moving: Moving, terms: Terms
) -> list[Document]:  # fmt: skip
    """Page whom the policies name about a hazard over the provider's sites, and when it is over.

    Args:
        case: the hazard's memory; changed in place.
        struck: the hazard as known at ``moving.as_of``.
        moving: the instant and the cause.
        terms: documents in force and limits.
    """
    pages: list[Page] = []
    wake_at: list[datetime] = []
    hazard = struck.hazard
    provider = terms.documents.providers.get(struck.provider)
    people = People(provider.contacts if provider else {}, terms.documents.rotas)
    at = clear_at(hazard, struck.holds_since, timedelta())
    for policy in terms.documents.policies_of(struck.provider, moving.as_of):
        own = case.seed[1]
        about = About(case.incident_id, struck.provider, own, hazard.services, None, hazard, policy, own)
        pages += exposure_pages(about, people, case.pages, moving.now)
        if at is not None and at < moving.as_of and not struck.is_hit:
            told = told_exposure(about, people, case.pages)
            pages += all_clear_pages(about, told, case.pages, at, moving.now)
        elif at is not None and at >= moving.as_of:
            wake_at.append(at)
    case.pages.update(paged(pages, terms.late_after))
    case.wake_at = min(wake_at, default=None)
    return list(pages)
