"""Reads the communication log from Elasticsearch. IO: Elasticsearch, read only."""

from datetime import datetime
from typing import Any

import orjson

from board.store import Store
from models.communication import Communication
from models.instants import format_instant

COMMUNICATIONS_AT_MOST = 20_000
"""Contacts read at once, the latest first: decades of minutes with one provider."""


class CommunicationStore(Store):
    """Searches of one installation's indices, with the communication log."""

    def communications(
        self,
        *,
        provider: str | None = None,
        incident_id: str | None = None,
        since: datetime | None = None,
        kinds: tuple[str, ...] = (),
        limit: int = COMMUNICATIONS_AT_MOST,
    ) -> list[Communication]:
        """Return contacts, the latest first.

        Args:
            provider: only with this one.
            incident_id: only about this incident.
            since: only what took place, or was recorded, from then on.
            kinds: only of these; empty is all.
            limit: at most so many.

        Raises:
            StoreError: if Elasticsearch can't answer.
        """
        wanted: list[dict[str, Any]] = []
        if provider is not None:
            wanted.append({"term": {"provider": provider}})
        if incident_id is not None:
            wanted.append({"term": {"incident_ids": incident_id}})
        if kinds:
            wanted.append({"terms": {"kind": list(kinds)}})
        if since is not None:
            later = [{"range": {name: {"gte": format_instant(since)}}} for name in ("happened_at", "recorded_at")]
            wanted.append({"bool": {"should": later, "minimum_should_match": 1}})
        order = [
            {"@timestamp": {"order": "desc", "unmapped_type": "date"}},
            {"communication_id": {"order": "asc", "unmapped_type": "keyword"}},
        ]
        found = self._scan("communications", {"bool": {"filter": wanted}}, order, at_most=limit)
        return [Communication.from_wire(orjson.dumps(hit)) for hit in found]

    def communication_like(self, text: str) -> Communication | None:
        """Return a contact by its id or a beginning of it; None where there is none.

        Raises:
            AmbiguousIncidentError: if several ids begin like this.
            StoreError: if Elasticsearch can't answer.
        """
        found = self._by_id("communications", "communication_id", text)
        return None if found is None else Communication.from_wire(orjson.dumps(found))
