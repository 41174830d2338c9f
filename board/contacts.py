"""Reads the contacts of an incident, or of a provider, and says what they come to. IO: Elasticsearch, read only."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from board.state import Dossier
from board.store_communications import CommunicationStore
from models.contacts_log import Contacts, Entry, entries
from models.notice import Notice
from models.records import IncidentDocument
from models.reply_latency import Summary, summary

INCIDENTS_AT_MOST = 500
"""Incidents of a provider whose contacts are read at once, the latest first."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose contacts; None of a bound is none."""

    provider: str
    since: datetime | None = None
    """UTC, this instant included."""
    until: datetime | None = None
    """UTC, this instant not included."""

    def takes(self, at: datetime) -> bool:
        """Return whether an instant lies within the bounds."""
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Log:
    """Contacts and their figures."""

    entries: tuple[Entry, ...]
    summary: Summary

    def to_json(self) -> dict[str, Any]:
        """Return the object of the API."""
        return {"communications": [one.line() for one in self.entries], "figures": self.summary.line()}


def incident_log(store: CommunicationStore, dossier: Dossier, notices: Iterable[Notice], as_of: datetime) -> Log:
    """Return the log of one incident.

    Raises:
        StoreError: if Elasticsearch can't answer.
    """
    contacts = _contacts(store, dossier, notices)
    return Log(entries(contacts), summary([contacts], as_of))


def provider_log(store: CommunicationStore, wanted: Wanted, as_of: datetime) -> Log:
    """Return the log of a provider: of its incidents, and of what was said apart from any.

    Args:
        store: the index.
        wanted: the provider, and the time; an incident counts where it began before the time's end and was told of
            after its beginning, and of its contacts those within it are listed.
        as_of: how far the world has run.

    Raises:
        StoreError: if Elasticsearch can't answer.
    """
    incidents = list(_incidents(store, wanted))
    every = [_contacts(store, store.dossier(one), store.notices(one)) for one in incidents]
    loose = Contacts(communications=tuple(store.communications(provider=wanted.provider, since=wanted.since)))
    told = {
        (one.document, one.document_id): one for contacts in (*every, loose) for one in entries(contacts)
    }  # a contact may belong to several incidents, and is one
    listed = [one for one in told.values() if wanted.takes(one.at)]
    return Log(tuple(sorted(listed, key=lambda one: (one.at, one.document, one.document_id))), summary(every, as_of))


def _incidents(store: CommunicationStore, wanted: Wanted) -> Iterator[IncidentDocument]:
    for one in store.incidents(every=True, provider=wanted.provider, limit=INCIDENTS_AT_MOST):
        last = one.last_notice_at or one.started_at
        begins_in_time = wanted.until is None or one.started_at < wanted.until
        if one.merged_into is None and begins_in_time and (wanted.since is None or last >= wanted.since):
            yield one


def _contacts(store: CommunicationStore, dossier: Dossier, notices: Iterable[Notice]) -> Contacts:
    told = store.communications(incident_id=dossier.incident.incident_id)
    return Contacts(dossier.pages, dossier.deliveries, tuple(notices), tuple(told))
