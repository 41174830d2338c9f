"""What people said to us directly: answers to pages, decisions of our own people, contacts. Pure.

They come as raw payloads of the reserved feed ``answers``, so that the evidence is kept and can be read again, and are
of no provider's feed: each names its provider itself. One payload is one document, as its own JSON, or one mail.
"""

from dataclasses import dataclass
from typing import TypeVar

from feeds.answer_mail import read_mail
from feeds.errors import PayloadError
from feeds.reading import Problem, all_failed, json_of
from models.answers import ANSWER_FORMAT, COMMUNICATION_FORMAT, DECISION_FORMAT, Answer, AnswerError
from models.communication import Communication
from models.decision import Decision
from models.effects import effects
from models.mail import MAIL_FORMAT
from models.notice import Notice
from models.raw import RawPayload

Doc = TypeVar("Doc", Answer, Decision, Communication)


@dataclass(frozen=True)
class Told:
    """What one payload comes to."""

    notices: tuple[Notice, ...] = ()
    decisions: tuple[Decision, ...] = ()
    communications: tuple[Communication, ...] = ()
    problems: tuple[Problem, ...] = ()
    """Of a mail that answers several pages: those of them that can't be answered."""


def read(raw: RawPayload) -> Told:
    """Read one payload of the feed ``answers``.

    Raises:
        PayloadError: ``not_json``, ``wrong_shape``, ``unknown_format``, or ``refused_answer`` where the person may not
            say this; of a mail also those of ``feeds.answer_mail.read_mail``.
    """
    if raw.format == ANSWER_FORMAT:
        return of_answer(_document(Answer, raw.body))
    if raw.format == DECISION_FORMAT:
        return Told(decisions=(_document(Decision, raw.body),))
    if raw.format == COMMUNICATION_FORMAT:
        return Told(communications=(_document(Communication, raw.body),))
    if raw.format == MAIL_FORMAT:
        return of_mail(raw.body)
    known = ", ".join((ANSWER_FORMAT, MAIL_FORMAT, DECISION_FORMAT, COMMUNICATION_FORMAT))
    raise PayloadError("unknown_format", f"feed {raw.feed!r} has no format {raw.format[:80]!r}; there are {known}")


def of_answer(answer: Answer) -> Told:
    """Return what an answer comes to.

    Raises:
        PayloadError: ``refused_answer``.
    """
    try:
        found = effects(answer)
    except AnswerError as error:
        raise PayloadError("refused_answer", str(error)) from error
    return Told(
        () if found.notice is None else (found.notice,),
        () if found.decision is None else (found.decision,),
        (found.communication,),
    )


def of_mail(body: bytes) -> Told:
    """Return what a mail comes to, page by page: one that can't be answered does not take the others along.

    Raises:
        PayloadError: if it can't be read, or answers no page that can be answered.
    """
    mail = read_mail(body)
    told: list[Told] = []
    problems = list(mail.problems)
    for answer in mail.answers:
        try:
            told.append(of_answer(answer))
        except PayloadError as error:
            problems.append((error.reason, error.detail))
    all_failed((*told, *mail.contacts), problems)
    return Told(
        tuple(notice for one in told for notice in one.notices),
        tuple(decision for one in told for decision in one.decisions),
        (*(entry for one in told for entry in one.communications), *mail.contacts),
        tuple(problems),
    )


def _document(model: type[Doc], body: bytes) -> Doc:
    json_of(body)  # what is no JSON at all has a reason of its own
    try:
        return model.from_wire(body)
    except ValueError as error:
        raise PayloadError("wrong_shape", f"no {model.__name__.lower()}: {error}") from error
