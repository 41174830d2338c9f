"""The whole way of an answer: from the raw payload to the ledger and the communication log, without servers."""

from pathlib import Path
from typing import Any

import pytest

from feeds.memory import FeedMemory
from holdfast.clock import Clock
from holdfast.working import normalise_payload
from models.answers import ANSWERS_FEED, AnswerAction
from models.communication import Communication
from models.decision import Action, Decision
from models.documents import Documents
from models.mail import AnsweredPage
from models.notice import Identity, Notice, Phase
from models.paging import Page, Side
from models.raw import RawPayload
from models.tokens import Claims
from models.topics import Names
from streams.config import StreamConfig
from streams.normalise import Normalised, Normaliser
from tests.streams.test_fold import Message
from tests.support import mails, samples
from tests.support.answers import answer

MUTE = Decision(
    decision_id="d1",
    provider="nimbus",
    incident_id=None,
    action=Action.MUTE,
    side=None,
    person="duty",
    identity=Identity.TOKEN,
    decided_at=samples.later(1),
    until=samples.later(60),
)
CALL = Communication(
    communication_id="c1",
    provider="nimbus",
    kind="call",
    direction="both",
    channel="phone",
    people=("duty", "nimbus-noc"),
    identity=Identity.TOKEN,
    happened_at=samples.later(2),
    clock="told",
    recorded_at=samples.later(3),
)


def raw(body: bytes, form: str = "answer") -> RawPayload:
    return RawPayload(feed=ANSWERS_FEED, format=form, body=body, received_at=samples.later(10))


def read(body: bytes, form: str = "answer") -> Normalised:
    """Read a payload of the feed; no document says anything."""
    return normalise_payload(None, raw(body, form), Documents())


def test_an_acknowledgement_of_the_provider_is_a_notice_a_decision_and_a_contact() -> None:
    found = read(answer().to_wire())
    assert [one.phase for one in found.notices] == [Phase.ACKNOWLEDGED]
    assert [one.side for one in found.decisions] == [Side.PROVIDER]
    assert [one.people for one in found.communications] == [("nimbus-noc",)]
    assert found.letters == ()


def test_our_own_acknowledgement_is_no_notice() -> None:
    found = read(answer(side=Side.CUSTOMER).to_wire())
    assert found.notices == ()
    assert [one.person for one in found.decisions] == ["duty"]


def test_decisions_and_contacts_of_our_own_people_go_on_as_they_are() -> None:
    assert read(MUTE.to_wire(), "decision").decisions == (MUTE,)
    assert read(CALL.to_wire(), "communication").communications == (CALL,)


REFUSED = {
    "what is no JSON": (b"<html>", "answer", "not_json"),
    "JSON of another kind": (b"[]", "answer", "wrong_shape"),
    "an answer of another version": (b'{"schema_version": 99}', "answer", "wrong_shape"),
    "a decision in place of an answer": (MUTE.to_wire(), "answer", "wrong_shape"),
    "a mute without an end": (MUTE.to_wire().replace(b'"until"', b'"unti"'), "decision", "wrong_shape"),
    "what the provider may not rule on": (answer(AnswerAction.ACCEPT).to_wire(), "answer", "refused_answer"),
    "a format that the feed does not have": (answer().to_wire(), "statuspage", "unknown_format"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_can_not_be_read_is_kept_with_its_bytes_and_a_reason(name: str) -> None:
    body, form, reason = REFUSED[name]
    found = read(body, form)
    (letter,) = found.letters
    assert (letter.reason, letter.raw_bytes(), letter.feed, letter.format) == (reason, body, ANSWERS_FEED, form)
    assert (found.notices, found.decisions, found.communications) == ((), (), ())
    FeedMemory.from_wire(found.memory)


def mail(*pages: Page, old: bool = False, text: str = "We are on it") -> bytes:
    """Return a mail in reply to pages; ``old``: the last of them is not known any more."""
    known = [AnsweredPage(page_id=one.page_id, by="address", claims=Claims.of(one)) for one in pages]
    if old:
        known[-1] = known[-1].model_copy(update={"claims": None})
    return mails.stamped(mails.reply(text, *pages), pages=tuple(known))


def test_a_mail_to_two_pages_is_two_of_each_and_an_old_page_does_not_take_the_other_along() -> None:
    pages = mails.page(0), mails.page(1)
    found = read(mail(*pages), "answer-mail")
    assert [one.page_id for one in found.decisions] == [one.page_id for one in pages]
    assert [one.text for one in found.notices] == ["We are on it"] * 2
    assert (len(found.communications), found.letters) == (2, ())
    partly = read(mail(*pages, old=True), "answer-mail")
    assert [one.page_id for one in partly.decisions] == [pages[0].page_id]
    assert [one.reason for one in partly.letters] == ["unknown_page"]


@pytest.mark.parametrize("text", ["restored", "eta 14:30 UTC", "pause: logs", "root cause: a disk", "On it"])
def test_nothing_that_a_mail_says_is_refused(text: str) -> None:
    """A word of the other side's rights, or about a hazard, is still an answer."""
    for page in (mails.page(), mails.page(side=Side.CUSTOMER), mails.page(kind="exposure")):
        found = read(mail(page, text=text), "answer-mail")
        assert (len(found.decisions), found.letters) == (1, ())


def test_a_mail_that_says_nothing_is_a_contact_and_nothing_else() -> None:
    found = read(mail(mails.page(), text=""), "answer-mail")
    assert (found.notices, found.decisions, len(found.communications)) == ((), (), 1)


def test_a_mail_that_answers_only_old_pages_is_kept() -> None:
    body = mail(mails.page(), old=True)
    found = read(body, "answer-mail")
    (letter,) = found.letters
    assert (letter.reason, letter.raw_bytes()) == ("unknown_page", body)


def test_each_goes_to_its_topic_under_its_provider_with_its_type(tmp_path: Path) -> None:
    """The notice before the decision: who acknowledged is known when the ladder is told to be quiet."""
    config = StreamConfig("127.0.0.1:1", Names("t"), Clock.from_text(None), tmp_path)
    message = Message(raw(answer().to_wire()).to_wire(), topic="t.raw", key=b"answers")
    handled = Normaliser(config, normalise_payload).handle([message], {}, Documents())
    told: list[tuple[Any, ...]] = [(out.topic, out.key, dict(out.headers).get("type")) for out in handled.outs]
    assert told == [
        ("t.ledger", b"nimbus", b"notice"),
        ("t.ledger", b"nimbus", b"decision"),
        ("t.communications", b"nimbus", None),
    ]
    notice, decision, contact = handled.outs
    assert Notice.from_wire(notice.value).person == "nimbus-noc"
    assert dict(decision.headers)["id"].decode() == Decision.from_wire(decision.value).decision_id
    assert dict(contact.headers)["id"].decode() == Communication.from_wire(contact.value).communication_id
    assert dict(contact.headers)["month"] == b"2026-05"
