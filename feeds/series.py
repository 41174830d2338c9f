"""Follow a feed from look to look: what is new in a payload, what vanished, whom a hazard exposes. Pure.

The one entry of the command line and of the worker's normalise stage. A notice is told once for as long as payloads
repeat it, with the interval in which it appeared: after the last look of the same scope, at the latest when received.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from feeds.errors import PayloadError
from feeds.memory import EXPOSED_KEPT, LOOKS_KEPT, Entry, Exposed, FeedMemory
from feeds.reading import Parsed, Problem
from feeds.registry import dialect
from feeds.stamp import Look, to_notice
from models.documents import Documents
from models.exposure import exposures, withdrawn
from models.ids import stable_id
from models.instants import format_instant
from models.notice import Flag, Kind, Notice, Phase, Speaker, Statement
from models.provider import Provider
from models.raw import DeadLetter, RawPayload


@dataclass(frozen=True)
class FeedContext:
    """What is configured of a feed.

    Attributes:
        feed: its id, or the format's name where none is configured.
        format: a name of ``feeds.registry.FORMATS``; another makes every payload a dead letter.
        zone: IANA zone of times without offset; None sends payloads with such times to the dead letters.
        provider: of whom the feed speaks, if documents say so.
        documents: all documents, for exposures; None where there are none.
    """

    feed: str
    format: str
    zone: str | None = None
    provider: Provider | None = None
    documents: Documents | None = None

    @classmethod
    def of(cls, feed: str, format_name: str, documents: Documents | None) -> "FeedContext":
        """Return the context of a feed as documents configure it; one that they do not name has no provider."""
        found = documents.feed(feed) if documents else None
        if found is None:
            return cls(feed, format_name, documents=documents)
        provider, spec = found
        return cls(feed, format_name, spec.timezone, provider, documents)


@dataclass(frozen=True)
class Followed:
    """What one payload brought.

    Attributes:
        notices: new ones, in the payload's order; then those derived (vanished, exposures).
        problems: dead letters of what could not be read; the rest was.
        memory: to hand in with the feed's next payload.
    """

    notices: tuple[Notice, ...]
    problems: tuple[DeadLetter, ...]
    memory: FeedMemory


def follow(memory: FeedMemory | None, raw: RawPayload, context: FeedContext) -> Followed:
    """Read one payload of a feed. Same input, same output; raises nothing.

    A payload older than the last look of its scope (it came late) still gives its notices, but can't tell what
    vanished and leaves the memory as it is.

    Args:
        memory: of the payload before; None at the beginning.
        raw: the payload.
        context: what is configured of its feed.
    """
    memory = memory or FeedMemory()
    try:
        return _follow(memory, raw, context)
    except PayloadError as error:
        problem = (error.reason, error.detail)
    except Exception as error:  # noqa: BLE001 - a parser's own fault must not stop the feed: its bytes are kept
        problem = ("unreadable", f"{type(error).__name__}: {error}")
    return Followed((), (_letter(raw, problem, 0),), replace(memory, is_blind=True))


def replay(payloads: Iterable[RawPayload], context: FeedContext) -> Iterator[Followed]:
    """Follow a series from its beginning, each notice told once even where other payloads came in between.

    Args:
        payloads: of one feed, sorted by ``received_at``.
        context: what is configured of the feed.
    """
    memory: FeedMemory | None = None
    told: set[str] = set()
    for raw in payloads:
        followed = follow(memory, raw, context)
        memory = followed.memory
        yield replace(followed, notices=tuple(one for one in followed.notices if one.notice_id not in told))
        told.update(one.notice_id for one in followed.notices)


def _follow(memory: FeedMemory, raw: RawPayload, context: FeedContext) -> Followed:
    parsed = dialect(context.format).parse(raw.body, zone=context.zone)
    last = memory.looks.get(parsed.scope) if parsed.scope else None
    look = Look(context.feed, raw.received_at, _received_after(memory, raw, last), context.provider)
    spoken = {one.notice_id: one for one in (to_notice(statement, look) for statement in parsed.statements)}
    fresh = [one for key, one in spoken.items() if key not in memory.known]
    exposing, exposed = _exposures(memory.exposed, fresh, context.documents)
    is_late = last is not None and raw.received_at < last
    vanished = [] if is_late else _vanished(memory, parsed, spoken, look, last)
    memory = memory if is_late else _remember(memory, parsed, spoken, raw.received_at, exposed)
    return Followed((*fresh, *vanished, *exposing), _letters(raw, parsed.problems), memory)


def _received_after(memory: FeedMemory, raw: RawPayload, last: datetime | None) -> datetime | None:
    """Return the look before this one: the fetcher's own word, else ours; after an unreadable payload only ours."""
    known = last if memory.is_blind or raw.received_after is None else raw.received_after
    return known if known is not None and known < raw.received_at else None


def _remember(
    memory: FeedMemory, parsed: Parsed, spoken: dict[str, Notice], at: datetime, exposed: tuple[Exposed, ...]
) -> FeedMemory:
    """Return the memory after a look; two payloads of one instant are one look."""
    again = parsed.scope is not None and memory.looks.get(parsed.scope) == at
    looks = dict(memory.looks)
    if parsed.scope is not None:
        looks.pop(parsed.scope, None)
        looks[parsed.scope] = at
        looks = dict(sorted(looks.items(), key=lambda entry: (entry[1], entry[0]))[-LOOKS_KEPT:])
    listed = dict(memory.listed)
    if parsed.listed is not None:
        listed = {**(listed if again else {}), **_entries(parsed.listed, spoken.values())}
    known = frozenset(spoken) | (memory.known if again else frozenset())
    return FeedMemory(looks, listed, known, exposed)


def _entries(listed: frozenset[str], spoken: Iterable[Notice]) -> dict[str, Entry]:
    """Return what to remember of the incidents listed; one that could not be read is remembered by its id."""
    entries = {key: Entry() for key in sorted(listed)}
    for notice in spoken:
        if (entry := entries.get(notice.source_incident_id)) is not None:
            components = tuple(dict.fromkeys((*entry.components, *notice.components)))
            entries[notice.source_incident_id] = Entry(notice.title, notice.severity, components)
    return entries


def _vanished(
    memory: FeedMemory, parsed: Parsed, spoken: dict[str, Notice], look: Look, last: datetime | None
) -> list[Notice]:
    """Derive notices of incidents that the last summary listed and this one does not hold at all.

    Each vanishing is a statement of its own, named after the look that missed it: an incident may come back.
    """
    if parsed.listed is None or last is None or look.received_at <= last:
        return []
    here = parsed.listed | {notice.source_incident_id for notice in spoken.values()}
    look = replace(look, received_after=look.received_after or last)
    return [
        to_notice(
            Statement(
                source_incident_id=key,
                source_update_id=f"vanished@{format_instant(look.received_at)}",
                speaker=Speaker.PROVIDER,
                phase=Phase.CLOSED,
                components=entry.components,
                severity=entry.severity,
                title=entry.title,
                text="The page stopped listing this incident without resolving it.",
                flags=(Flag.VANISHED,),
            ),
            look,
        )
        for key, entry in sorted(memory.listed.items())
        if key not in here
    ]


def _exposures(
    before: tuple[Exposed, ...], fresh: Iterable[Notice], documents: Documents | None
) -> tuple[list[Notice], tuple[Exposed, ...]]:
    """Return exposure notices of new hazard messages, and whom hazards expose after them."""
    told: list[Notice] = []
    exposed = list(before)
    for hazard in fresh:
        if documents is None or hazard.kind is not Kind.HAZARD or Flag.TEST in hazard.flags:
            continue
        now = exposures(hazard, documents)
        earlier = [one for one in exposed if _is_chained(one, hazard)]
        told.extend(now)
        if hazard.phase is not Phase.CANCELLED and not _has_shape(hazard):
            continue  # an update that does not say where: what was exposed still is
        gone = [one for one in earlier if one.provider not in {notice.provider for notice in now}]
        told.extend(withdrawn(hazard, one.incident_id, one.provider, one.services) for one in gone)
        exposed = [one for one in exposed if one not in earlier]
        if hazard.phase is not Phase.CANCELLED:
            messages = tuple(dict.fromkeys([*(key for one in earlier for key in one.messages), *_names(hazard)]))
            exposed.extend(
                Exposed(hazard.source_incident_id, messages, notice.provider or "", notice.services) for notice in now
            )
    return told, tuple(exposed[-EXPOSED_KEPT:])


def _names(hazard: Notice) -> tuple[str, ...]:
    return (hazard.source_incident_id, hazard.source_update_id or hazard.source_incident_id)


def _is_chained(one: Exposed, hazard: Notice) -> bool:
    return bool({one.incident_id, *one.messages} & set(_names(hazard)))


def _has_shape(hazard: Notice) -> bool:
    return hazard.area is not None and bool(hazard.area.polygons or hazard.area.circles)


def _letters(raw: RawPayload, problems: tuple[Problem, ...]) -> tuple[DeadLetter, ...]:
    """Return one dead letter per reason: each holds the whole payload."""
    grouped: dict[str, tuple[int, list[str]]] = {}
    for position, (reason, detail) in enumerate(problems):
        grouped.setdefault(reason, (position, []))[1].append(detail)
    return tuple(_letter(raw, (reason, "; ".join(details)), first) for reason, (first, details) in grouped.items())


def _letter(raw: RawPayload, problem: Problem, position: int) -> DeadLetter:
    reason, detail = problem
    return raw.refused(stable_id(raw.payload_id, "normalise", str(position), reason), reason, detail)
