"""Reads what reports need from the index. IO: Elasticsearch, read only."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import orjson

from board.store_matters import MatterStore
from holdfast.reports.crediting import credits_of, months_between
from holdfast.reports.record import Record, known_by, roles_of
from models.communication import Communication
from models.contacts_log import standing
from models.derived import ALL, Scorecard, Tally
from models.documents import Documents
from models.instants import format_instant
from models.matter import Matter
from models.records import Basis, ClockDocument, IncidentDocument, Verdict
from models.review_periods import ReviewPeriod, midnight

PAST = timedelta(days=366)
"""How far back the provider's own past is looked at."""
PAST_AT_MOST = 20_000
"""Clocks of it, the latest first."""


class ReportStore(MatterStore):
    """Searches of one installation's indices, for reports."""

    def matter(self, incident: IncidentDocument) -> Matter:
        """Return an incident with everything on record of it.

        Raises:
            StoreError: if Elasticsearch can't answer.
        """
        return self._whole([incident])[0]

    def stopped(self, incident: IncidentDocument) -> list[ClockDocument]:
        """Return clocks of the provider's earlier incidents at the same priority that stopped, on the agreed basis.

        Raises:
            StoreError: if Elasticsearch can't answer.
        """
        since, until = format_instant(incident.started_at - PAST), format_instant(incident.started_at)
        wanted: list[dict[str, Any]] = [
            {"term": {"provider": incident.provider}},
            {"term": {"basis": Basis.AGREED.value}},
            {"terms": {"verdict": [Verdict.MET.value, Verdict.BREACHED.value]}},
            {"range": {"incident_started_at": {"gte": since, "lt": until}}},
        ]
        if incident.priority is not None:
            wanted.append({"term": {"priority": incident.priority}})
        order = [
            {"@timestamp": {"order": "desc", "unmapped_type": "date"}},
            {"clock_id": {"order": "asc", "unmapped_type": "keyword"}},
        ]
        found = self._scan("clocks", {"bool": {"filter": wanted}}, order, at_most=PAST_AT_MOST)
        return [ClockDocument.from_wire(orjson.dumps(hit)) for hit in found]

    def cards(self, provider: str, until: datetime) -> list[Scorecard]:
        """Return a provider's computed scorecards on the agreed basis, of all services and priorities together.

        Args:
            provider: whose.
            until: months that begin later are left out, and those that began more than ``PAST`` before.

        Raises:
            StoreError: if Elasticsearch can't answer.
        """
        shown: list[dict[str, Any]] = [
            {"term": {"tally": Tally.PERIOD.value}},
            {"range": {"begins_at": {"gte": format_instant(until - PAST), "lt": format_instant(until)}}},
        ]
        wanted: list[dict[str, Any]] = [
            {"term": {"provider": provider}},
            {"term": {"basis": Basis.AGREED.value}},
            {"term": {"service": ALL}},
            {"term": {"priority": ALL}},
            {"terms": {"tally": [Tally.MONTH.value, Tally.PERIOD.value]}},
            {"bool": {"should": shown, "minimum_should_match": 1}},
        ]
        order = [{name: {"order": "asc", "unmapped_type": "keyword"}} for name in ("begins_at", "objective", "tally")]
        found = self._scan("scorecards", {"bool": {"filter": wanted}}, order)
        return [Scorecard.from_wire(orjson.dumps(hit)) for hit in found]


def record_of(store: ReportStore, documents: Documents, incident: IncidentDocument, now: datetime) -> Record:
    """Return all that is on record of one incident.

    Args:
        store: the index.
        documents: in force.
        incident: which.
        now: how far the world has run; UTC.

    Raises:
        StoreError: if Elasticsearch can't answer.
    """
    said = standing(store.communications(provider=incident.provider))
    record = Record(
        matter=store.matter(incident),
        notices=tuple(store.notices(incident)),
        communications=tuple(one for one in said if incident.incident_id in one.incident_ids),
        documents=documents,
        as_of=now,
        past=tuple(store.stopped(incident)),
        reviews=tuple(one for one in said if _looks_back_on(one, incident, documents)),
        roles=roles_of(documents, incident.provider),
    )
    return _with_credits(store, record)


def record_at(store: ReportStore, documents: Documents, incident: IncidentDocument, as_of: datetime) -> Record:
    """Return a record as it stood at an instant: what came later is left out, and clocks are read anew.

    Raises:
        UnknownThenError: if nothing was known of the incident then.
        StoreError: if Elasticsearch can't answer.
    """
    return known_by(record_of(store, documents, incident, as_of), as_of)


def _looks_back_on(one: Communication, incident: IncidentDocument, documents: Documents) -> bool:
    agreement = documents.agreements.get(one.agreement or "")
    if one.review_period is None or agreement is None or agreement.id != incident.agreement:
        return False
    try:
        period = ReviewPeriod.parse(one.review_period)
    except ValueError:
        return False  # minutes from elsewhere may name a period as they like
    zone = agreement.versions[0].timezone
    return midnight(period.first, zone) <= incident.started_at < midnight(period.until, zone)


def _with_credits(store: ReportStore, record: Record) -> Record:
    """Return a record with the credits of the months in which the downtime of its incident counts."""
    contract, incident = record.contract, record.incident
    if contract is None or contract.version.credits is None:
        return record
    zone = contract.version.timezone
    spans = record.outages(Basis.AGREED)
    ends = [record.as_of if one.end is None else one.end.latest or one.end.earliest for one in spans]
    months = months_between(incident.started_at, max([incident.started_at, *ends]), zone)
    begin, end = months[0].bounds(zone)[0], months[-1].bounds(zone)[1]
    matters = store.matters(begin, min(end, record.as_of), provider=incident.provider)
    found = credits_of(contract.agreement, months, matters, record.as_of)
    mine = (one for one in found if any(incident.incident_id in line.incident_ids for line in one.lines))
    return replace(record, credits=tuple(mine))
