"""Questions about what was said: by when, by whom, how seldom, and what became of it afterwards. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from dashboards.questions.asking import (
    AS_OF,
    INCIDENT,
    LIMIT,
    Asked,
    Found,
    Question,
    Steps,
    references,
    said,
    seconds_between,
)
from dashboards.questions.finding import clocks, contacts, incident, notices, told
from models.communication import CommunicationKind
from models.contacts_log import Entry, entries, shortened
from models.episode import Case
from models.fact import fact_of
from models.figures import ENOUGH
from models.incident import Contract, Subject
from models.notice import Flag, Notice
from models.questions import Column, Input, InputKind, QuestionDescription
from models.records import IncidentDocument
from models.reply_latency import silences
from models.rewriting import NOTICES_AT_MOST, Rewriting, rewritings

IMPORTED = "its record was written afterwards: when the provider first spoke is not known"
NO_AGREEMENT = "no agreement was in force when it began: nobody can say which verdicts changed"
NOT_WORDS = (CommunicationKind.RECEIPT.value, "page")
"""What an entry of the log may be that is nobody's word."""


def contract_of(about: IncidentDocument, found: Sequence[Notice], asked: Asked) -> Contract | None:
    """Return what governs an incident, by the documents in force now."""
    facts = [fact_of(one) for one in told(found)]
    last = max((fact.received_at for fact in facts), default=asked.now)
    subject = Subject.of(about.incident_id, about.provider, facts, last)
    return None if subject is None else subject.contract(asked.known())


def _said_by(asked: Asked) -> Steps:
    about = yield from incident(asked.text("incident"))
    found = told((yield from notices(about)))
    at = asked.instant("at")
    spoken = sorted((one for one in found if one.order_at <= at or one.received_at <= at), key=_order)
    rows = tuple(
        (
            said(one.order_at), said(one.received_at), one.received_at <= at,
            seconds_between(one.order_at, one.received_at), one.speaker.value, one.phase.value, one.severity,
            said(one.claimed_at), said(one.promised_at), shortened(one.text or one.title or ""), one.notice_id,
        )
        for one in spoken
    )  # fmt: skip
    unknown = sum(1 for one in spoken if one.received_at > at)
    note = f"{len(spoken)} statements by then, of which {unknown} had not reached us" if spoken else "nothing by then"
    return Found(rows, references("notices", (one.notice_id for one in spoken)), note=note)


def _order(one: Notice) -> tuple[datetime, datetime, str]:
    return (one.order_at, one.received_at, one.notice_id)


SAID_BY = Question(
    QuestionDescription(
        "said-by",
        "What did the provider say by then, and what did we know?",
        (INCIDENT, Input("at", InputKind.INSTANT, "The instant.", required=False, default="now")),
        (
            Column("said_at", "When it was said: published, else received.", "instant"),
            Column("received_at", "When we had it.", "instant"),
            Column("we_knew", "Whether we had it by then."),
            Column("delay_s", "From said to received.", "s"),
            Column("speaker", "Who said it."),
            Column("phase", "What it says of the incident."),
            Column("severity", "The speaker's own word."),
            Column("claimed_at", "When the speaker says that it happened.", "instant"),
            Column("promised_at", "The time that was named for what comes next.", "instant"),
            Column("words", "What was said, cut where it is long."),
            Column("notice_id", "The notice."),
        ),
        "Every notice of the incident that was published or received by then.",
    ),
    _said_by,
)


def _first_human_word(asked: Asked) -> Steps:
    about = yield from incident(asked.text("incident"))
    found = yield from notices(about)
    everything = yield from contacts(about, found)
    robots = {one.notice_id for one in found if Flag.AUTOMATIC_REPLY in one.flags}
    every = [one for one in entries(everything) if one.document != "page"]
    imported = Case.of(fact_of(one) for one in told(found)).is_imported
    firsts = [one for one in _firsts(every, robots) if not (imported and one.direction == "from_provider")]
    rows = tuple(_first_row(one, about, every, robots) for one in firsts)
    note = IMPORTED if imported else None if firsts else "nobody has said a word yet"
    used = [reference for one in firsts for reference in references(f"{one.document}s", (one.document_id,))]
    return Found(rows, tuple(used), len(every), note)


def _firsts(every: Iterable[Entry], robots: set[str]) -> Iterator[Entry]:
    """Yield the first human word of each side, the provider's first; a meeting is a word of both."""
    for sides in (("from_provider", "both"), ("to_provider", "internal", "both")):
        human = (one for one in every if one.direction in sides and _is_human(one, robots))
        first = next(human, None)
        if first is not None:
            yield first


def _is_human(one: Entry, robots: set[str]) -> bool:
    return one.what not in NOT_WORDS and one.document_id not in robots and one.corrected_by is None


def _first_row(one: Entry, about: IncidentDocument, every: Iterable[Entry], robots: set[str]) -> tuple[Any, ...]:
    side = "provider" if one.direction in ("from_provider", "both") else "customer"
    before = sum(1 for other in every if other.at <= one.at and not _is_human(other, robots))
    who, after = one.people[0] if one.people else one.channel, seconds_between(about.started_at, one.at)
    return (side, said(one.at), after, who, one.what, one.channel, one.words, before, one.document_id)


FIRST_HUMAN_WORD = Question(
    QuestionDescription(
        "first-human-word",
        "When did a person first say something, on each side?",
        (INCIDENT,),
        (
            Column("side", "`provider` or `customer`: ours."),
            Column("at", "When it was said, by the speaker's stamp where it can be.", "instant"),
            Column("after_s", "From the incident's start; below 0 it was said before.", "s"),
            Column("who", "Contact, else the feed."),
            Column("what", "A notice, a statement of ours, a call, a mail, .."),
            Column("channel", "How."),
            Column("words", "What was said, cut where it is long."),
            Column("robots_before", "Receipts and automatic replies until then: no words."),
            Column("document_id", "The document."),
        ),
        "Notices of both sides and communications; automatic replies, receipts and what was corrected do not count.",
    ),
    _first_human_word,
)


def _longest_silence(asked: Asked) -> Steps:
    about = yield from incident(asked.text("incident"))
    found = yield from notices(about)
    as_of = asked.instant("as_of")
    every = sorted(silences(told(found), as_of), key=lambda one: (-one.length_s(as_of), one.begins_at))
    rows = tuple(
        (said(one.begins_at), said(one.ends_at), one.length_s(as_of), one.ends_at is None)
        for one in every[: asked.limit]
    )
    imported = Case.of(fact_of(one) for one in told(found)).is_imported
    few = f"{len(every)} silences: too few for a figure of them" if len(every) < ENOUGH else None
    note = IMPORTED if imported else few if every else "the provider owed no update"
    return Found(rows, references("notices", (one.notice_id for one in told(found))), note=note)


LONGEST_SILENCE = Question(
    QuestionDescription(
        "longest-silence",
        "How long was the provider silent, the longest first?",
        (INCIDENT, AS_OF, LIMIT),
        (
            Column("begins_at", "The last word with news before it.", "instant"),
            Column("ends_at", "The next one; empty while it is awaited.", "instant"),
            Column("length_s", "How long it was, at most.", "s"),
            Column("lasts", "Whether it lasts."),
        ),
        "The provider's notices, as the update clocks read them: the same text said again is no news (ADR 0018).",
    ),
    _longest_silence,
)


def _rewritten(asked: Asked) -> Steps:
    about = yield from incident(asked.text("incident"))
    found = told((yield from notices(about)))
    contract = contract_of(about, found, asked)
    every = rewritings(found, None if contract is None else contract.version)
    replaced = yield from clocks({"bool": {"filter": [
        {"term": {"incident_id": about.incident_id}}, {"exists": {"field": "replaces"}}]}})  # fmt: skip
    rows = tuple(row for one in every for row in _rewriting_rows(one))
    notes = [NO_AGREEMENT] if contract is None and every else []
    if len(found) > NOTICES_AT_MOST:
        notes.append(f"the first {NOTICES_AT_MOST} of {len(found)} notices were compared")
    used = [one.notice_id for change in every for one in (change.replaces, change.notice) if one is not None]
    evidence = (*references("notices", used), *references("clocks", (one.clock_id for one in replaced)))
    return Found(rows, evidence, note="; ".join(notes) or (None if rows else "nothing was rewritten"))


def _rewriting_rows(one: Rewriting) -> Iterator[tuple[Any, ...]]:
    kind = "moved" if one.replaces is None else "edited"
    overturned = None if one.overturned is None else [str(each) for each in one.overturned]
    for change in one.changes:
        yield (
            said(one.notice.received_at), kind, one.notice.phase.value, change.field, change.before, change.after,
            overturned, one.notice.notice_id, None if one.replaces is None else one.replaces.notice_id,
        )  # fmt: skip


REWRITTEN = Question(
    QuestionDescription(
        "rewritten-afterwards",
        "What was rewritten afterwards, and which verdicts did that change?",
        (INCIDENT,),
        (
            Column("received_at", "When we saw it changed.", "instant"),
            Column("kind", "`edited`: the same statement reads otherwise; `moved`: a later one names another begin."),
            Column("phase", "What the statement says of the incident."),
            Column("field", "What reads otherwise."),
            Column("before", "As it read."),
            Column("after", "As it reads."),
            Column("verdicts", "Clocks whose verdict this changed, at that instant; empty where no agreement applies."),
            Column("notice_id", "The notice that changed it."),
            Column("replaced_id", "The notice that it replaces."),
        ),
        "All versions of the incident's notices, measured without and with each change under the agreement in force; "
        "the index has the last revision of each clock only, those that replaced a verdict are named.",
    ),
    _rewritten,
)

WORDS = (SAID_BY, FIRST_HUMAN_WORD, LONGEST_SILENCE, REWRITTEN)
