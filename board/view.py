"""The board as of an instant: what each card, the summary and the list of ended incidents say. Pure.

Views hold instants, never ages, so an unchanged view means that nothing needs to be drawn again; the browser
counts down by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from board.paging import NextPage, PageView, next_page, page_views
from board.standing import TICKING, Judged, Standing, Tally, judge_all, passed_share, standing_of, tally
from board.state import BoardState, Dossier, ended_at
from models.paging import Outcome
from models.records import IncidentStatus

CARDS_AT_MOST = 100
"""Cards on the page: more is 0.4 MB for every viewer and nobody's overview; the summary counts all."""
WordKey = tuple[str, str]
"""(source, source_incident_id)."""


@dataclass(frozen=True)
class Word:
    """What the provider last said, in its own words."""

    phase: str
    text: str | None
    at: datetime


@dataclass(frozen=True)
class ClockView:
    """One running clock on a card."""

    objective: str
    standing: Standing
    started_at: datetime | None
    due_at: datetime | None
    target_s: float
    stages: tuple[float, ...]
    """Warning stages as shares of the target."""
    passed_share: float | None
    apart_s: float | None
    claimed: str | None
    observed: str | None
    """Verdicts on the two other bases."""
    ordinal: int
    reason: str | None


@dataclass(frozen=True)
class Card:
    """One open incident."""

    incident_id: str
    source_incident_id: str
    provider: str
    services: tuple[str, ...]
    kind: str
    title: str
    priority: str | None
    severity: str | None
    status: str
    phase: str
    started_at: datetime
    last_notice_at: datetime | None
    word: Word | None
    notice_count: int
    reopened_count: int
    revision: int
    exposures: tuple[str, ...]
    witnesses: tuple[str, ...]
    agreement: str | None
    standing: Standing | None
    """The worst of its running clocks, or breached when one has stopped so; None without an agreement."""
    clocks: tuple[ClockView, ...]
    tallies: tuple[Tally, ...]
    next_page: NextPage | None
    pages: tuple[PageView, ...]


@dataclass(frozen=True)
class Ended:
    """One incident that ended lately."""

    incident_id: str
    provider: str
    services: tuple[str, ...]
    title: str
    priority: str | None
    status: str
    started_at: datetime
    ended_at: datetime
    tallies: tuple[Tally, ...]


@dataclass(frozen=True)
class Summary:
    """The figures at the top, each over all open incidents."""

    open: int
    overdue: int
    """Incidents with a clock running past its target."""
    at_risk: int
    """Incidents whose worst clock has passed a warning stage."""
    breached: int
    """Incidents with a clock that has stopped past its target, whatever else runs."""
    undelivered: int
    """Pages given up, or whose outcome is unknown."""
    next_due_at: datetime | None
    next_due: str | None
    unshown: int
    """Open incidents that have no card, the least pressing ones."""


@dataclass(frozen=True)
class BoardView:
    """Everything on the board as of one instant."""

    cards: tuple[Card, ...]
    """The most pressing ones, at most ``CARDS_AT_MOST``."""
    ended: tuple[Ended, ...]
    summary: Summary


def board_view(state: BoardState, words: Mapping[WordKey, Word], now: datetime) -> BoardView:
    """Return the board as of ``now``. Same state, words and instant, same view."""
    cards = []
    for incident in state.open():
        dossier = state.dossier(incident.incident_id)
        assert dossier is not None
        cards.append(card_of(dossier, words.get((incident.source, incident.source_incident_id)), now))
    cards.sort(key=_urgency)
    ended = []
    for incident in state.recent(now):
        dossier = state.dossier(incident.incident_id)
        assert dossier is not None
        ended.append(_ended(dossier, now))
    return BoardView(tuple(cards[:CARDS_AT_MOST]), tuple(ended), _summary(cards, now))


def card_of(dossier: Dossier, word: Word | None, now: datetime) -> Card:
    """Return the card of one incident."""
    incident = dossier.incident
    judged = judge_all(dossier.clocks)
    clocks = tuple(sorted((_clock(one, now) for one in judged if _ticks(one, now)), key=_pressing))
    tallies = tuple(tally(judged, now))
    return Card(
        incident_id=incident.incident_id,
        source_incident_id=incident.source_incident_id,
        provider=incident.provider,
        services=incident.services,
        kind=incident.kind,
        title=incident.title or f"Incident {incident.source_incident_id}",
        priority=incident.priority,
        severity=incident.severity,
        status=incident.status.value,
        phase=incident.phase,
        started_at=incident.started_at,
        last_notice_at=incident.last_notice_at,
        word=word,
        notice_count=incident.notice_count,
        reopened_count=incident.reopened_count,
        revision=incident.revision,
        exposures=incident.exposures,
        witnesses=incident.witnesses,
        agreement=incident.agreement,
        standing=_worst(clocks, tallies),
        clocks=clocks,
        tallies=tallies,
        next_page=None if incident.merged_into is not None else next_page(dossier.plan, now),
        pages=page_views(dossier.pages, dossier.deliveries),
    )


def _ticks(judged: Judged, now: datetime) -> bool:
    return standing_of(judged.agreed, now) in TICKING


def _clock(judged: Judged, now: datetime) -> ClockView:
    clock = judged.agreed
    return ClockView(
        objective=clock.objective.value,
        standing=standing_of(clock, now),
        started_at=clock.started_at,
        due_at=clock.due_at,
        target_s=clock.target_s,
        stages=tuple(stage.share for stage in clock.warnings),
        passed_share=passed_share(clock, now),
        apart_s=judged.apart_s,
        claimed=None if judged.claimed is None else judged.claimed.verdict.value,
        observed=None if judged.observed is None else judged.observed.verdict.value,
        ordinal=clock.ordinal,
        reason=clock.reason,
    )


def _pressing(clock: ClockView) -> tuple[int, float, str]:
    return (clock.standing.rank, clock.due_at.timestamp() if clock.due_at else float("inf"), clock.objective)


def _worst(clocks: Sequence[ClockView], tallies: Sequence[Tally]) -> Standing | None:
    """Running clocks that press outrank what is lost already; a breach outranks clocks that run as they should."""
    if clocks and clocks[0].standing.rank <= Standing.WARNING.rank:
        return clocks[0].standing
    if any(line.standing is Standing.BREACHED for line in tallies):
        return Standing.BREACHED
    return min((*(clock.standing for clock in clocks), *(line.standing for line in tallies)),
               key=lambda standing: standing.rank, default=None)  # fmt: skip


def _urgency(card: Card) -> tuple[bool, int, float, str, float, str]:
    """Open before restored, then the worst clock, the next instant due, priority, the younger incident."""
    rank = len(Standing) if card.standing is None else card.standing.rank
    due = min((clock.due_at.timestamp() for clock in card.clocks if clock.due_at is not None), default=float("inf"))
    restored = card.status == IncidentStatus.RESTORED
    return (restored, rank, due, card.priority or "~", -card.started_at.timestamp(), card.incident_id)


def _ended(dossier: Dossier, now: datetime) -> Ended:
    incident = dossier.incident
    return Ended(
        incident.incident_id,
        incident.provider,
        incident.services,
        incident.title or f"Incident {incident.source_incident_id}",
        incident.priority,
        incident.status.value,
        incident.started_at,
        ended_at(incident),
        tuple(tally(judge_all(dossier.clocks), now)),
    )


def _summary(cards: Sequence[Card], now: datetime) -> Summary:
    standings = [card.standing for card in cards]
    ahead = [
        (clock.due_at, card, clock)
        for card in cards
        for clock in card.clocks
        if clock.due_at is not None and clock.due_at > now
    ]
    due_at, card, clock = min(ahead, key=lambda entry: (entry[0], entry[1].incident_id), default=(None, None, None))
    lost = (Outcome.FAILED.value, Outcome.UNKNOWN.value)
    return Summary(
        open=len(cards),
        overdue=standings.count(Standing.OVERDUE),
        at_risk=standings.count(Standing.WARNING) + standings.count(Standing.AT_LIMIT),
        breached=sum(any(line.missed for line in one.tallies) for one in cards),
        undelivered=sum(page.outcome in lost for one in cards for page in one.pages),
        next_due_at=due_at,
        next_due=f"{card.provider} · {clock.objective}" if card is not None and clock is not None else None,
        unshown=max(0, len(cards) - CARDS_AT_MOST),
    )
