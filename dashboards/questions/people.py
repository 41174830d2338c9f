"""Questions about people: who was paged and reacted, what was promised, who has yet to do something. Pure."""

from datetime import datetime
from typing import Any

from dashboards.questions.asking import (
    AS_OF,
    INCIDENT,
    LIMIT,
    PROVIDER,
    YEAR,
    Asked,
    Found,
    Question,
    Steps,
    between,
    every,
    of_provider,
    references,
    said,
)
from dashboards.questions.finding import contacts, incident, notices, read, told
from models.communication import Communication
from models.contacts_log import NOT_SENT, outcomes
from models.meetings import Action, actions
from models.paging import Page
from models.promise_lines import PromiseLine, promises_of
from models.promises import Keeping
from models.questions import Column, Input, InputKind, QuestionDescription, QuestionError
from models.records import Basis
from models.reply_latency import Reply, replies

MISSED = (Keeping.BROKEN, Keeping.LATE)


def _who_was_paged(asked: Asked) -> Steps:
    about = yield from incident(asked.text("incident"))
    found = yield from notices(about)
    everything = yield from contacts(about, found)
    answered = {one.page_id: one for one in replies(everything, asked.instant("as_of"))}
    pages = sorted(everything.pages, key=lambda one: (one.issued_at, one.page_id))
    ended, brought = outcomes(everything.deliveries), everything.brought_at()
    rows = tuple(
        _page_row(one, ended.get(one.page_id, NOT_SENT), brought.get(one.page_id), answered.get(one.page_id))
        for one in pages
    )
    words = [one.document_id for one in answered.values() if one.document_id is not None]
    said_by_notice = {one.notice_id for one in found}
    evidence = (
        *references("pages", (one.page_id for one in pages)),
        *references("deliveries", (one.delivery_id for one in everything.deliveries)),
        *references("notices", (one for one in words if one in said_by_notice)),
        *references("communications", (one for one in words if one not in said_by_notice)),
    )
    open_ones = sum(1 for one in answered.values() if one.answered_at is None)
    note = f"{open_ones} of {len(answered)} pages that were brought have no answer" if open_ones else None
    return Found(rows, evidence, note=note if rows else "nobody was paged")


def _page_row(page: Page, outcome: str, brought_at: datetime | None, reply: Reply | None) -> tuple[Any, ...]:
    return (
        said(page.issued_at), page.side.value, page.rung, page.loop, page.recipient_name, page.channel, page.reason,
        page.late_s, outcome, said(brought_at),
        None if reply is None else said(reply.answered_at), None if reply is None else reply.by,
        None if reply is None else reply.latency_s, page.page_id,
    )  # fmt: skip


WHO_WAS_PAGED = Question(
    QuestionDescription(
        "who-was-paged",
        "Who was paged, when and why, and who reacted?",
        (INCIDENT, AS_OF),
        (
            Column("issued_at", "When the page was made.", "instant"),
            Column("side", "Whose person it was."),
            Column("rung", "Rung of that side's ladder, from 0."),
            Column("loop", "Which repetition, from 0."),
            Column("recipient", "Who was paged."),
            Column("channel", "How."),
            Column("reason", "Why, in words."),
            Column("late_s", "How long after it was due.", "s"),
            Column("outcome", "What came of bringing it."),
            Column("brought_at", "When it was brought.", "instant"),
            Column("answered_at", "The first human word to it.", "instant"),
            Column("answered_by", "Whose: contact, else the feed."),
            Column("after_s", "From brought to answered.", "s"),
            Column("page_id", "The page."),
        ),
        "Pages, deliveries, and the first human word after each (ADR 0018).",
    ),
    _who_was_paged,
)


def _promises_broken(asked: Asked) -> Steps:
    about = yield from incident(asked.text("incident"))
    found = told((yield from notices(about)))
    basis = _basis(asked)
    lines = promises_of(about.incident_id, about.provider, found, asked.known(), asked.instant("as_of"))
    mine = [one for one in lines or () if one.promise.basis is basis]
    missed = [one for one in mine if one.promise.keeping in MISSED]
    rows = tuple(_promise_row(one) for one in missed)
    named = [one.promise.made.notice_id for one in missed if one.promise.made.notice_id is not None]
    note = "no agreement was in force when it began" if lines is None else f"{len(missed)} of {len(mine)} were missed"
    return Found(rows, references("notices", named), len(found), note)


def _basis(asked: Asked) -> Basis:
    name = asked.text("basis")
    if name not in set(Basis):
        raise QuestionError(f"basis: {name!r} is none; there are {', '.join(Basis)}")
    return Basis(name)


def _promise_row(line: PromiseLine) -> tuple[Any, ...]:
    one = line.promise
    fulfilled = None if one.fulfilled is None else said(one.fulfilled.earliest)
    late = None if one.late_by is None else one.late_by.total_seconds()
    return (
        said(one.made.earliest), one.of, line.phrase, said(one.promised_at), one.keeping.value, fulfilled, late,
        line.corrected_by, one.made.notice_id,
    )  # fmt: skip


PROMISES_BROKEN = Question(
    QuestionDescription(
        "promises-broken",
        "Which promises were broken, or kept too late?",
        (INCIDENT, AS_OF, Input("basis", InputKind.WORD, "Whose times.", required=False, default="agreed")),
        (
            Column("said_at", "When it was promised.", "instant"),
            Column("of", "`update`: the next word; `restore`: that it works again."),
            Column("phrase", "The words; empty where the feed has a field for it."),
            Column("promised_at", "The time that was named.", "instant"),
            Column("keeping", "`broken` is not fulfilled, `late` was."),
            Column("fulfilled_at", "When it was.", "instant"),
            Column("late_s", "How late at least.", "s"),
            Column("corrected_by", "Who of ours corrected how it was read."),
            Column("notice_id", "The notice that says it."),
        ),
        "The incident's notices, judged anew under the agreement in force at its start.",
    ),
    _promises_broken,
)


def _actions_open(asked: Asked) -> Steps:
    since = between("@timestamp", asked.values.get("since"))
    filters = [{"exists": {"field": "actions.action_id"}}, since, *of_provider(asked)]
    found = yield from read(Communication, "communications", every(*filters), "-recorded_at", "communication_id")
    at = asked.instant("as_of")
    waiting = [one for one in actions(found) if one.is_open]
    shown = waiting[: asked.limit]
    rows = tuple(_action_row(one, overdue=one.is_overdue(at)) for one in shown)
    cut = f"{len(shown)} of {len(waiting)} shown; `limit` shows more" if len(shown) < len(waiting) else None
    named = (one.communication_id for one in shown)
    return Found(rows, references("communications", named), note=cut if rows else "nobody has anything to do")


def _action_row(one: Action, *, overdue: bool) -> tuple[Any, ...]:
    due = one.detail.due_on
    due_text = None if due is None else due.isoformat()
    return (
        one.provider,
        one.detail.owner,
        one.detail.text,
        due_text,
        overdue,
        said(one.raised_at),
        one.communication_id,
    )


ACTIONS_OPEN = Question(
    QuestionDescription(
        "actions-open",
        "Who undertook what in a meeting, and has not done it?",
        (PROVIDER, YEAR, AS_OF, LIMIT),
        (
            Column("provider", "With whom the meeting was."),
            Column("owner", "Contact."),
            Column("text", "What is to be done."),
            Column("due_on", "Until which day."),
            Column("overdue", "Whether that day is over, in UTC."),
            Column("raised_at", "When it was first undertaken.", "instant"),
            Column("communication_id", "The record that tells of it last."),
        ),
        "Minutes of meetings; those that were corrected do not count.",
    ),
    _actions_open,
)

PEOPLE = (WHO_WAS_PAGED, PROMISES_BROKEN, ACTIONS_OPEN)
