"""How a book is stored: a row per member's facts, a row per incident's memory; compact JSON, zipped when long. Pure.

Keys are JSON arrays, so no id can be mistaken for another. An incident's row goes out before its members' rows: after a
crash in between, the offset in the first says that the effects are out, and the facts come again from the ledger.
"""

import zlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson

from models.book import Book
from models.case import CaseState, Revision
from models.decision import Decision
from models.fact import EPOCH, MICROSECOND, Fact, Member, decode, encode
from models.plan import Told
from models.records import Verdict

COMPRESS_ABOVE = 1024
"""Bytes; shorter rows do not shrink enough to be worth it."""
LAYOUT = 2
"""Of the rows of incidents; those of layout 1 (before decisions and pins) are read too."""

Row = tuple[bytes, bytes]


def rows(book: Book) -> list[Row]:
    """Return the rows that changed since the last call, incidents first, and call them stored."""
    found = [
        (_key("c", book.provider, name), _pack(_case(book.cases[name])))
        for name in sorted(book.changed_cases)
        if name in book.cases
    ]
    for member in sorted(book.changed_members):
        facts = (*book.facts.get(member, {}).values(), *book.exposures.get(member, {}).values())
        found.append((_key("f", book.provider, *member), _pack([encode(fact) for fact in facts])))
    if book.changed_decisions:
        found.append((_key("d", book.provider), _pack([_decision(one) for one in book.decisions.values()])))
    book.changed_decisions = False
    book.changed_cases.clear()
    book.changed_members.clear()
    return found


def books(stored: Iterable[Row]) -> dict[str, Book]:
    """Read rows back into books, by provider.

    Raises:
        ValueError: if a row is of another layout; the state was written by another version.
    """
    facts: dict[str, list[Fact]] = {}
    cases: dict[str, list[CaseState]] = {}
    decisions: dict[str, list[Decision]] = {}
    for key, value in stored:
        what, provider, *rest = orjson.loads(key)
        content = _unpack(value)
        if what == "f":
            member: Member = (rest[0], rest[1])
            facts.setdefault(provider, []).extend(decode(member, row) for row in content)
        elif what == "d":
            decisions.setdefault(provider, []).extend(_decided(one) for one in content)
        else:
            cases.setdefault(provider, []).append(_state(rest[0], content))
    found = {provider: Book(provider) for provider in sorted(facts.keys() | cases.keys() | decisions.keys())}
    for provider, book in found.items():
        book.restore(facts.get(provider, ()), cases.get(provider, ()), decisions.get(provider, ()))
    return found


def _key(*parts: str) -> bytes:
    return orjson.dumps(parts)


def _pack(content: Any) -> bytes:
    plain = orjson.dumps(content)
    return b"j" + plain if len(plain) <= COMPRESS_ABOVE else b"z" + zlib.compress(plain, 1)


def _unpack(value: bytes) -> Any:
    body = zlib.decompress(value[1:]) if value[:1] == b"z" else value[1:]
    return orjson.loads(body)


def _case(case: CaseState) -> list[Any]:
    revisions = [[name, one.number, one.digest, one.verdict, one.target_s] for name, one in case.revisions.items()]
    pages = {name: [told.reason, _micros(told.at)] for name, told in case.pages.items()}
    decisions = [_decision(one) for one in case.decisions.values()]
    rest = [pages, decisions, case.pin]
    return [LAYOUT, case.seed, case.offset, _micros(case.as_of), _micros(case.wake_at), revisions, *rest]


def _decision(decision: Decision) -> dict[str, Any]:
    return decision.model_dump(mode="json", exclude_none=True)


def _state(name: str, content: list[Any]) -> CaseState:
    layout, seed, offset, as_of, wake_at, revisions, pages, *rest = content
    if layout not in (1, LAYOUT):
        raise ValueError(f"stored state of layout {layout}, this build reads {LAYOUT} and 1")
    decisions, pin = rest or ((), None)
    known = [_decided(one) for one in decisions]
    return CaseState(
        incident_id=name,
        seed=(seed[0], seed[1]),
        offset=offset,
        as_of=_instant(as_of),
        wake_at=_instant(wake_at),
        revisions={
            clock: Revision(number, digest, Verdict(verdict) if verdict else None, target_s)
            for clock, number, digest, verdict, target_s in revisions
        },
        pages={page: _told(told, as_of) for page, told in pages.items()},
        decisions={one.decision_id: one for one in known},
        pin=None if pin is None else (pin[0], pin[1]),
    )


def _decided(stored: dict[str, Any]) -> Decision:
    return Decision.model_validate({"incident_id": None, "side": None, **stored})


def _told(stored: Any, as_of: int | None) -> Told:
    """Read what became of a page; layout 1 did not keep when."""
    reason, at = (stored, as_of) if isinstance(stored, str) else stored
    return Told(reason, _instant(at) or EPOCH)


def _micros(moment: datetime | None) -> int | None:
    return None if moment is None else (moment - EPOCH) // MICROSECOND


def _instant(micros: int | None) -> datetime | None:
    return None if micros is None else EPOCH + micros * MICROSECOND
