"""What follows from an answer to a page: notice, decision, entry of the communication log (measurement.md §10). Pure.

What a provider's person says of the incident is a notice of the provider's, of the incident that the page is about: it
stops clocks by the agreed rules. Our own acknowledgement stops no clock: it is a decision and nothing more.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from models.answers import HAZARD_KINDS, RULES, WORDS, Answer, AnswerAction, AnswerError, rights
from models.communication import Communication, CommunicationKind
from models.decision import Action, Decision
from models.ids import stable_id
from models.instants import EARLIEST
from models.notice import Notice, Phase, Speaker, oddities
from models.paging import Side

TEXT_LENGTH = 20_000
"""Characters of an answer's text kept in what follows from it; the raw payload keeps all of it."""
SAYS: Mapping[AnswerAction, Phase] = {
    AnswerAction.ACKNOWLEDGE: Phase.ACKNOWLEDGED,
    AnswerAction.ETA: Phase.PROMISED,
    AnswerAction.PAUSE_REQUEST: Phase.PAUSED,
    AnswerAction.RESTORED: Phase.RESTORED,
    AnswerAction.ROOT_CAUSE: Phase.ROOT_CAUSE,
    AnswerAction.NOTE: Phase.UPDATE,
}
"""What an answer of the provider's people states of the incident."""
WITH_TIMES = (AnswerAction.PAUSE_REQUEST, AnswerAction.RESTORED, *RULES)
"""Answers whose claimed times mean something; in others they would be read as those of the incident."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What follows from one answer."""

    notice: Notice | None
    decision: Decision | None
    communication: Communication


def effects(answer: Answer) -> Effects:
    """Return what follows from an answer. Same answer, same ids.

    Raises:
        AnswerError: if the person's side has no right to say this, or it lacks what it needs.
    """
    _check(answer)
    return Effects(_notice(answer), _decision(answer), _communication(answer))


def _check(answer: Answer) -> None:
    """Refuse what the person may not say, and what says too little to be of any effect."""
    if answer.action not in rights(answer.claims):
        who = "the provider's people" if answer.claims.side is Side.PROVIDER else "our own people"
        what = "a page about a hazard" if answer.claims.kind in HAZARD_KINDS else "a page"
        raise AnswerError(f"{who} can't answer {what} with {answer.action.value!r}")
    missing = _missing(answer)
    if missing is not None:
        raise AnswerError(f"{answer.action.value} needs {missing}")
    begin, end = answer.claimed_at, answer.claimed_end_at
    if begin is not None and end is not None and end <= begin:
        raise AnswerError("the end is not later than the beginning")


def _missing(answer: Answer) -> str | None:
    """Return in words what an answer lacks to be of any effect; None where it is whole."""
    is_severity = answer.claim is Phase.SEVERITY_CHANGED and answer.concerns is None
    lacks: dict[AnswerAction, str | None] = {
        AnswerAction.ETA: None if answer.promised_at else "the time that is expected",
        AnswerAction.PAUSE_REQUEST: None if answer.reason else "a reason",
        AnswerAction.ROOT_CAUSE: None if answer.text or answer.attachment_digest else "a text, a link or a document",
        AnswerAction.NOTE: None if answer.text or answer.attachment_digest else "a text or a document",
    }
    if answer.action in RULES:
        return "the claim that it rules on" if answer.claim is None or is_severity else None
    return lacks.get(answer.action)


def _notice(answer: Answer) -> Notice | None:
    """Return what the answer states of the incident, or rules; None where it says nothing of it.

    A page without a feed is of an incident that nobody can name: its answer counts for the ladder only.
    """
    claims = answer.claims
    phase = _phase(answer)
    if phase is None or claims.source is None or claims.kind in HAZARD_KINDS:
        return None
    is_promise, is_ruling = answer.action is AnswerAction.ETA, answer.action in RULES
    begin, end = (answer.claimed_at, answer.claimed_end_at) if answer.action in WITH_TIMES else (None, None)
    return Notice(
        notice_id=stable_id("answer", answer.answer_id),
        source=claims.source,
        source_incident_id=claims.source_incident_id,
        source_update_id=f"answer:{answer.answer_id}",
        speaker=Speaker.PROVIDER if claims.side is Side.PROVIDER else Speaker.CUSTOMER,
        phase=phase,
        provider=claims.provider,
        services=claims.services,
        text=_text(answer),
        claimed_at=begin,
        claimed_end_at=end,
        published_at=answer.said_at,
        received_at=answer.said_at,
        promised_at=answer.promised_at if is_promise else None,
        promises=(answer.promises or "restore") if is_promise else None,
        phrase=answer.phrase if is_promise else None,
        flags=oddities(begin, end, answer.said_at),
        reason=answer.reason,
        ruling=RULES.get(answer.action),
        concerns=answer.concerns if is_ruling else None,
        person=claims.recipient,
        identity=answer.identity,
        attachment_digest=answer.attachment_digest,
    )


def _phase(answer: Answer) -> Phase | None:
    """Return the phase of the notice that an answer makes; None for none."""
    if answer.claims.side is Side.CUSTOMER:
        return answer.claim if answer.action in RULES else None
    if answer.action is AnswerAction.NOTE and not answer.text:
        return None
    return SAYS.get(answer.action)


def _decision(answer: Answer) -> Decision | None:
    """Return the acknowledgement of the ladder: whoever of the provider answers at all has the page in hand."""
    claims = answer.claims
    counts = answer.action is AnswerAction.ACKNOWLEDGE or claims.side is Side.PROVIDER
    if not counts or answer.action is AnswerAction.RECEIPT:
        return None
    return Decision(
        decision_id=stable_id("decision", "answer", answer.answer_id),
        provider=claims.provider,
        incident_id=claims.incident_id,
        action=Action.ACKNOWLEDGE,
        side=claims.side,
        person=claims.recipient,
        person_name=claims.recipient_name,
        identity=answer.identity,
        channel=answer.channel,
        decided_at=answer.said_at,
        page_id=claims.page_id,
    )


def _communication(answer: Answer) -> Communication:
    """Return the answer's entry in the communication log; by their clock where their stamp can be."""
    claims = answer.claims
    stamp = answer.their_stamp
    is_theirs = stamp is not None and EARLIEST <= stamp <= answer.said_at
    is_receipt = answer.action is AnswerAction.RECEIPT
    return Communication(
        communication_id=answer.communication_id,
        provider=claims.provider,
        incident_ids=(claims.incident_id,),
        kind=CommunicationKind.RECEIPT if is_receipt else CommunicationKind.REPLY,
        direction="from_provider" if claims.side is Side.PROVIDER else "internal",
        channel=answer.channel,
        people=(claims.recipient,),
        identity=answer.identity,
        subject=answer.subject or WORDS[answer.action],
        text=_text(answer),
        happened_at=stamp if stamp is not None and is_theirs else answer.said_at,
        clock="theirs" if is_theirs else "ours",
        recorded_at=answer.said_at,
        page_id=claims.page_id,
        attachment_digest=answer.attachment_digest,
        attachment_name=answer.attachment_name,
        promised_at=answer.promised_at if answer.action is AnswerAction.ETA else None,
        phrase=answer.phrase,
    )


def _text(answer: Answer) -> str | None:
    return answer.text[:TEXT_LENGTH] if answer.text else None
