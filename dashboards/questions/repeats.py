"""The question of repeats: the same component, or a root cause told in like words; else like words of the title. Pure.

Two searches over notices and one over incidents, each bounded by provider and time, whatever the index holds.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from dashboards.questions.asking import (
    INCIDENT,
    LIMIT,
    Answered,
    Asked,
    Found,
    Question,
    Search,
    Steps,
    between,
    either,
    every,
    ordered,
    references,
    said,
    seconds_between,
)
from dashboards.questions.finding import Lookup, documents, incident, notices
from models.notice import Notice, Phase
from models.questions import Column, Input, InputKind, QuestionDescription
from models.records import IncidentDocument, IncidentStatus

DAYS = Input(
    "days", InputKind.NUMBER, "How far apart they began at most, in days: before it or after.", required=False,
    default="365",
)  # fmt: skip
CANDIDATES_AT_MOST = 500
"""Incidents that may be repeats of one, the latest."""
WORD = re.compile(r"[^\W\d_]{4,}")
"""What counts as a word of a title: four letters or more; numbers tell incidents apart, not alike."""
COMMON = frozenset({
    "with", "from", "into", "have", "been", "some", "issue", "issues", "incident", "incidents", "problem", "problems",
    "service", "services", "degraded", "degradation", "outage", "outages", "elevated", "errors", "users", "customers",
    "experiencing", "investigating",
})  # fmt: skip
"""Words that any incident's title may have."""
TITLE = "title"
"""Why one is shown that shares neither component nor cause."""


def _repeats(asked: Asked) -> Steps:
    about = yield from incident(asked.text("incident"))
    mine = yield from notices(about)
    components = sorted({component for one in mine for component in one.components})
    others = yield from _sharing(about, components, asked)
    caused = yield from _causes(about, mine, asked)
    known = {*others, *caused}
    found = yield from _candidates(about, sorted(known), asked)
    rows = [row for one in found if (row := _repeat_row(one, about, others, caused)) is not None]
    rows.sort(key=lambda row: (row[3] == TITLE, -len(row[4]) - len(row[5]) - 2 * bool(row[6]), row[1], row[0]))
    shown = tuple(rows[: asked.limit])
    note = None if rows else "nothing like it in that time"
    return Found(shown, references("incidents", (row[0] for row in shown)), len(rows), note)


def _bounds(about: IncidentDocument, asked: Asked) -> list[dict[str, Any]]:
    """Return what bounds notices and incidents: the provider, and from when on; a cause may be told much later."""
    return [{"term": {"provider": about.provider}}, between("@timestamp", about.started_at - _window(asked))]


def _window(asked: Asked) -> timedelta:
    return timedelta(days=int(asked.values["days"]))


def _sharing(about: IncidentDocument, components: Sequence[str], asked: Asked) -> Lookup[dict[str, set[str]]]:
    """Find which incidents, ``source/source_incident_id``, name components of this one, and which."""
    if not components:
        return {}
    same = every({"terms": {"components": list(components)}}, *_bounds(about, asked))
    answered = yield Search("notices", _by_member(same, {"what": {"terms": {"field": "components", "size": 100}}}))
    found: dict[str, set[str]] = {}
    for name, inner in _members(answered):
        named = {bucket["key"] for bucket in inner["what"]["buckets"]} & set(components)
        found.setdefault(name, set()).update(named)
    return found


def _causes(about: IncidentDocument, mine: Iterable[Notice], asked: Asked) -> Lookup[set[str]]:
    """Find which incidents have a root cause told in like words."""
    told = " ".join(one.text or "" for one in mine if one.phase is Phase.ROOT_CAUSE)
    words = sorted(_words(told))[:50]
    if not words:
        return set()
    alike = {"match": {"text": {"query": " ".join(words), "minimum_should_match": "50%"}}}
    cause = {"term": {"phase": Phase.ROOT_CAUSE.value}}
    answered = yield Search("notices", _by_member(every(alike, cause, *_bounds(about, asked)), {}))
    return {name for name, _ in _members(answered)}


def _by_member(query: dict[str, Any], inner: dict[str, Any]) -> dict[str, Any]:
    """Return a search that counts by source and the source's own incident."""
    own = {"terms": {"field": "source_incident_id", "size": CANDIDATES_AT_MOST, "order": {"_key": "asc"}}}
    own |= {"aggs": inner} if inner else {}
    sources = {"terms": {"field": "source", "size": 50, "order": {"_key": "asc"}}, "aggs": {"own": own}}
    return {"query": query, "size": 0, "track_total_hits": False, "aggs": {"source": sources}}


def _members(answered: Answered) -> Iterable[tuple[str, dict[str, Any]]]:
    for source in answered.get("aggregations", {}).get("source", {}).get("buckets", ()):
        for own in source["own"]["buckets"]:
            yield f"{source['key']}/{own['key']}", own


def _candidates(about: IncidentDocument, members: Sequence[str], asked: Asked) -> Lookup[list[IncidentDocument]]:
    alike: list[dict[str, Any]] = []
    if members:
        alike.append({"terms": {"members": list(members[: 2 * CANDIDATES_AT_MOST])}})
    if words := sorted(_words(about.title or "")):
        alike.append({"match": {"title": {"query": " ".join(words), "minimum_should_match": "60%"}}})
    if not alike:
        return []
    without = [
        {"term": {"incident_id": about.incident_id}},
        {"term": {"status": IncidentStatus.MERGED.value}},
    ]
    until = between("@timestamp", until=about.started_at + _window(asked))
    query = {"bool": {"filter": [*_bounds(about, asked), until, either(*alike)], "must_not": without}}
    body = {"query": query, "sort": ordered("-@timestamp", "incident_id"), "size": CANDIDATES_AT_MOST}
    answered = yield Search("incidents", {**body, "track_total_hits": False})
    return documents(IncidentDocument, answered)


def _words(text: str) -> set[str]:
    return {word.lower() for word in WORD.findall(text)} - COMMON


def _repeat_row(
    one: IncidentDocument, about: IncidentDocument, others: dict[str, set[str]], caused: set[str]
) -> tuple[Any, ...] | None:
    """Return what an incident has in common with this one; None where it is too little."""
    components = sorted({component for name in one.members for component in others.get(name, ())})
    mine, theirs = _words(about.title or ""), _words(one.title or "")
    words = sorted(mine & theirs) if len(mine & theirs) * 10 >= 6 * max(len(mine), 1) else []
    same_cause = not caused.isdisjoint(one.members)
    because = " and ".join(word for word, holds in (("component", components), ("cause", same_cause)) if holds)
    if not (because or words):
        return None
    before = seconds_between(one.started_at, about.started_at)
    ended = seconds_between(one.started_at, one.restored_at or one.resolved_at)
    return (
        one.incident_id, said(one.started_at), one.title, because or TITLE, components, words, same_cause, before,
        ended, one.priority,
    )  # fmt: skip


REPEATS = Question(
    QuestionDescription(
        "repeats",
        "Does this repeat: the same component, or the same cause?",
        (INCIDENT, DAYS, LIMIT),
        (
            Column("incident_id", "The other incident."),
            Column("started_at", "When it began.", "instant"),
            Column("title", "Its title."),
            Column(
                "because",
                "`component`, `cause`, or `component and cause`; `title`: neither, but like words, shown last.",
            ),
            Column("components", "Components that both name."),
            Column("words", "Words of the title that both have, where they are three in five of this one's."),
            Column("same_cause", "Whether its root cause is told in like words."),
            Column("before_s", "How long before this one it began; below 0 it was after.", "s"),
            Column("lasted_s", "Until it was restored, else resolved.", "s"),
            Column("priority", "Its priority."),
        ),
        "The provider's incidents and notices of that time, the most in common first. A cause is the same where its "
        "report is told in like words, which is a hint and no proof.",
    ),
    _repeats,
)
