"""Replies to pages by mail: which page, whose word, and what it says. Pure.

A person's reply to a page says at least that somebody has it in hand. A machine's reply is a receipt. What names a page
only by its Message-ID, comes after the page's end or says nothing is kept in the communication log and moves nothing
(features.md, rules 51 and 53; ADR 0017).
"""

import re
from dataclasses import dataclass, field
from email.message import Message

from feeds.errors import PayloadError
from feeds.mail_automatic import automatic_sign
from feeds.mail_parts import Attachment, attachment_of, date_of, decoded, message_of, text_of_mail
from feeds.mail_quotes import fresh_text
from feeds.mail_words import Said, said_in
from feeds.reading import TEXT_LIMIT, Problem
from models.answers import Answer, AnswerAction, communication_id, reason_word, rights
from models.communication import Communication, CommunicationKind
from models.ids import stable_id
from models.instants import EARLIEST, Instant
from models.mail import AnsweredPage, MailEnvelope, MailSignature, addresses_of, header_of, unstamp
from models.notice import Identity
from models.paging import Side
from models.tokens import Claims

SUBJECT_LIMIT = 300
_REPORT_NAME = re.compile(
    r"\b(?:rca|rfo|root[-_ ]?cause|post[-_ ]?mortem|incident[-_ ]?report|reason[-_ ]for[-_ ]outage)", re.I
)
_REPORT_WORD = re.compile(r"\b(?:root cause|rca|rfo|reason for outage|post-?mortem)\b", re.I)


@dataclass(frozen=True)
class MailRead:
    """What one mail comes to.

    Attributes:
        answers: one for each page that it answers.
        contacts: for pages that it may not answer: entries of the communication log.
        problems: pages that are not known any more.
    """

    answers: tuple[Answer, ...] = ()
    contacts: tuple[Communication, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class _Mail:
    """A mail, read once for all the pages that it answers."""

    envelope: MailEnvelope
    message: Message
    key: str
    """The same for the same mail delivered twice."""
    subject: str | None
    text: str
    attachment: Attachment | None
    sign: str | None
    """Of a machine; None where a person wrote it."""
    their_stamp: Instant | None = field(default=None)


def read_mail(body: bytes) -> MailRead:
    """Read a mail as the mailbox put it on the raw topic.

    Raises:
        PayloadError: ``no_envelope``, ``not_a_mail``, ``too_large``, ``unknown_page`` where it answers no page that is
            known, ``unreadable`` for a fault of ours; nothing else.
    """
    try:
        return _read(body)
    except PayloadError:
        raise
    except Exception as error:
        raise PayloadError("unreadable", f"{type(error).__name__}: {error}") from error


def _read(body: bytes) -> MailRead:
    mail = _mail(body)
    answers: list[Answer] = []
    contacts: list[Communication] = []
    problems: list[Problem] = []
    for page in mail.envelope.pages:
        if page.claims is None:
            problems.append(("unknown_page", f"page {page.page_id} is older than what the mailbox remembers"))
            continue
        found = _said(mail, page, page.claims)
        if isinstance(found, Answer):
            answers.append(found)
        else:
            contacts.append(found)
    if not mail.envelope.pages:
        raise PayloadError("unknown_page", "it answers no page of ours: no reply address, no Message-ID of a page")
    return MailRead(tuple(answers), tuple(contacts), tuple(problems))


def _mail(body: bytes) -> _Mail:
    try:
        envelope, mail = unstamp(body)
    except ValueError as error:
        raise PayloadError("no_envelope", str(error)) from error
    message = message_of(mail)
    message_id = header_of(message, "Message-ID")
    return _Mail(
        envelope=envelope,
        message=message,
        key=message_id or stable_id(mail.hex()),
        subject=decoded(header_of(message, "Subject") or "")[:SUBJECT_LIMIT] or None,
        text=fresh_text(text_of_mail(message))[:TEXT_LIMIT],
        attachment=attachment_of(message),
        sign=automatic_sign(message, envelope.sender),
        their_stamp=date_of(message),
    )


def _said(mail: _Mail, page: AnsweredPage, claims: Claims) -> Answer | Communication:
    """Return what a mail says of one page: an answer, or an entry of the communication log and nothing more."""
    if mail.sign is not None:
        said = Said("receipt")
    else:
        said = said_in(mail.text, mail.envelope.received_at, page.zone, has_attachment=mail.attachment is not None)
        said = _within_rights(_with_report(said, mail), claims)
    counts = page.by == "address" and mail.envelope.received_at <= claims.expires_at and said.action != "note"
    return _answer(mail, page, claims, said) if counts else _contact(mail, claims)


def _with_report(said: Said, mail: _Mail) -> Said:
    """Return the report on the cause where one is attached, is named so, and the text says so."""
    name = mail.attachment.name if mail.attachment is not None else ""
    is_report = bool(_REPORT_NAME.search(name) and _REPORT_WORD.search(mail.text))
    return Said("root_cause") if is_report and said.action == "acknowledge" else said


def _within_rights(said: Said, claims: Claims) -> Said:
    """Return what the person may say: a word of the other side in a reply is still the reply of who has the page."""
    lacks_reason = said.action == "pause_request" and reason_word(said.reason or "") is None
    may = said.action in rights(claims) and not lacks_reason
    return said if may else Said("acknowledge")


def _answer(mail: _Mail, page: AnsweredPage, claims: Claims, said: Said) -> Answer:
    is_eta = said.action == "eta"
    return Answer(
        answer_id=stable_id("mail", mail.key, page.page_id),
        claims=claims,
        action=AnswerAction(said.action),
        identity=identity_of(mail.envelope, mail.message, page),
        channel="email",
        said_at=mail.envelope.received_at,
        their_stamp=mail.their_stamp,
        subject=mail.subject,
        text=mail.text or None,
        promised_at=said.instant if is_eta else None,
        promises=said.promises,
        phrase=said.phrase if is_eta else None,
        reason=reason_word(said.reason) if said.reason else None,
        claimed_at=None if is_eta else said.instant,
        attachment_name=mail.attachment.name if mail.attachment else None,
        attachment_digest=mail.attachment.digest if mail.attachment else None,
    )


def _contact(mail: _Mail, claims: Claims) -> Communication:
    """Return the entry of a mail that moves nothing; by their clock where their stamp can be."""
    received_at, stamp = mail.envelope.received_at, mail.their_stamp
    theirs = stamp if stamp is not None and EARLIEST <= stamp <= received_at else None
    return Communication(
        communication_id=communication_id(stable_id("mail", mail.key, claims.page_id)),
        provider=claims.provider,
        incident_ids=(claims.incident_id,),
        kind=CommunicationKind.REPLY if mail.sign is None else CommunicationKind.RECEIPT,
        direction="from_provider" if claims.side is Side.PROVIDER else "internal",
        channel="email",
        people=(claims.recipient,),
        identity=Identity.UNVERIFIED,
        subject=mail.subject,
        text=mail.text or None,
        happened_at=theirs or received_at,
        clock="theirs" if theirs else "ours",
        recorded_at=received_at,
        page_id=claims.page_id,
        attachment_digest=mail.attachment.digest if mail.attachment else None,
        attachment_name=mail.attachment.name if mail.attachment else None,
    )


def identity_of(envelope: MailEnvelope, message: Message, page: AnsweredPage) -> Identity:
    """Return how sure it is that the person paged wrote a mail.

    DKIM says so where the domain of the person's own address signed the whole mail, its From and the header in which
    the page's reply address stands: without that header a signed mail to somebody else could be sent on to us.
    """
    senders = addresses_of(message, "From")
    if envelope.way != "smtp" or page.by != "address" or len(message.get_all("From", ())) != 1 or len(senders) != 1:
        return Identity.UNVERIFIED
    domain = _domain(senders[0])
    if page.contact is None or domain != _domain(page.contact):
        return Identity.UNVERIFIED
    told = {name.lower() for name in ("To", "Cc") if _names_page(message, name, page.page_id)}
    is_signed = any(_vouches(one, domain, told) for one in envelope.signatures)
    return Identity.DKIM if is_signed else Identity.UNVERIFIED


def _names_page(message: Message, header: str, page_id: str) -> bool:
    return any(f"+{page_id}-" in address.lower() for address in addresses_of(message, header))


def _vouches(signature: MailSignature, domain: str, told: set[str]) -> bool:
    """Return whether a signature stands for a mail: of the whole text, by the domain, of the headers that count."""
    signer = f".{signature.domain}"
    aligned = signer.endswith(f".{domain}") or f".{domain}".endswith(signer)
    covers = "from" in signature.signed and bool(told & set(signature.signed))
    return signature.result == "pass" and "." in signature.domain and aligned and covers and not signature.is_partial


def _domain(address: str) -> str:
    return address.rpartition("@")[2].strip().strip(".").lower()
