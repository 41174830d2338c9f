"""Explains a clock of the index: its notices from Elasticsearch, the verdict by the core. IO: Elasticsearch."""

from datetime import datetime

from board.store import Store, UnknownIncidentError
from holdfast.explaining import Asked, ClockName, Explanation, UnknownClockError, explain, find
from models.case import clock_name
from models.clocks import measure
from models.documents import Documents
from models.fact import fact_of
from models.incident import Subject
from models.notice import Kind
from models.records import IncidentDocument


def explain_indexed(
    text: str, store: Store, documents: Documents, as_of: datetime, known_at: datetime | None
) -> Explanation:
    """Explain a clock.

    Args:
        text: clock id, or ``INCIDENT/objective[/basis[/ordinal]]``; INCIDENT as ``holdfast incident`` takes it.
        store: the index.
        documents: in force.
        as_of: how far the world has run; UTC.
        known_at: only what was received by then counts; None is everything.

    Raises:
        UnknownClockError: if none is meant, or more than one.
        UnknownIncidentError: if no incident is meant.
        AmbiguousIncidentError: if more than one is.
        StoreError: if Elasticsearch can't answer.
    """
    asked, incident = Asked.parse(text), _incident(text, store)
    notices = [one for one in store.notices(incident) if one.kind in (Kind.INCIDENT, Kind.MAINTENANCE)]
    notices = [one for one in notices if known_at is None or one.received_at <= known_at]
    facts = [fact_of(one) for one in notices]
    last = max((fact.received_at for fact in facts), default=as_of)
    subject = Subject.of(incident.incident_id, incident.provider, facts, last)
    contract = None if subject is None else subject.contract(documents)
    if contract is None:
        raise UnknownClockError(f"incident {incident.source_incident_id}: no agreement was in force when it began")
    names = [
        ClockName(incident.incident_id, incident.source_incident_id, clock_name(one))
        for one in measure(facts, contract.version, as_of)
    ]
    meant = (
        text if asked is None else "/".join((incident.incident_id, *text.split("/")[asked.incident.count("/") + 1 :]))
    )
    name = find(names, meant)
    told = explain(name, notices, contract, documents, as_of)
    if told is None:
        raise UnknownClockError(f"the notices of {name.path} give no such clock")
    return told


def _incident(text: str, store: Store) -> IncidentDocument:
    asked = Asked.parse(text)
    if asked is not None:
        return store.resolve(asked.incident)
    clock = store.clock(text)
    if clock is None:
        raise UnknownIncidentError(
            f"no clock has the id {text!r}; give it as INCIDENT/objective, `holdfast incident ID` lists them"
        )
    return store.resolve(clock.incident_id)
