"""The mailbox over real SMTP: whom it takes mail for, what it keeps, and what it says when it can't."""

import smtplib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from kafka.errors import KafkaTimeoutError, MessageSizeTooLargeError

from consumers import mailbox as module
from consumers.mail_proof import resolver
from consumers.mail_receipt import ReplyAddresses, contact_of
from consumers.mailbox import Desk, Mailbox
from consumers.metrics import MailboxMetrics
from consumers.pages_known import KnownPage, NotCaughtUpError
from feeds.answer_mail import read_mail
from holdfast.stack.ports import pick_free
from models.answers import ANSWERS_FEED, Answer, AnswerAction
from models.documents import Documents
from models.mail import MAIL_FORMAT, MailEnvelope, unstamp
from models.notice import Identity
from models.paging import Page
from models.provider import Contact
from models.raw import RawPayload
from tests.support.dkim_keys import DnsServer, make_key, signed
from tests.support.ledger import PROVIDER
from tests.support.mails import CONTACT, DOMAIN, RECEIVED, SECRET, address, page, reply

PAGE, OTHER = page(), page(1)
PATIENT_S = 120.0


class Noon:
    """A clock that stands."""

    def now(self) -> object:
        return RECEIVED


@dataclass
class Box:
    """A running mailbox and what it brought to the broker."""

    port: int
    metrics: MailboxMetrics
    known: dict[str, KnownPage]
    payloads: list[RawPayload] = field(default_factory=list)
    trouble: list[Exception] = field(default_factory=list)
    """Raised by the broker, one at each mail, before it takes any."""

    def publish(self, payload: RawPayload) -> None:
        if self.trouble:
            raise self.trouble.pop(0)
        self.payloads.append(payload)

    def find(self, page_id: str) -> KnownPage | None:
        return self.known.get(page_id)

    def send(self, mail: bytes, *recipients: str, sender: str = CONTACT) -> dict[str, tuple[int, bytes]]:
        with smtplib.SMTP("127.0.0.1", self.port, timeout=PATIENT_S) as client:
            return client.sendmail(sender, list(recipients), mail)

    def envelope(self) -> MailEnvelope:
        return unstamp(self.payloads[-1].body)[0]

    def answers(self) -> tuple[Answer, ...]:
        return read_mail(self.payloads[-1].body).answers

    def counted(self, outcome: str) -> float:
        return self.metrics.mails.labels(outcome=outcome)._value.get()


@contextmanager
def running(
    *pages: Page, find: Callable[[str], KnownPage | None] | None = None, dns: str = "127.0.0.1:9"
) -> Iterator[Box]:
    box = Box(pick_free(1)[0], MailboxMetrics(), {one.page_id: KnownPage.of(one) for one in pages})
    contact = Contact.model_validate(
        {"name": "Maya", "side": "provider", "email": CONTACT, "timezone": "Europe/Berlin"}
    )
    desk = Desk(
        ours=ReplyAddresses(DOMAIN, SECRET),
        find=find or box.find,
        contact_of=lambda _: contact,
        look_up=resolver(dns),
        publish=box.publish,
        clock=Noon(),  # type: ignore[arg-type]
    )
    served = Mailbox(desk, "127.0.0.1", box.port, box.metrics)
    served.start()
    try:
        yield box
    finally:
        served.stop()


def code_of(error: smtplib.SMTPResponseException) -> int:
    return error.smtp_code


def test_a_reply_arrives_as_it_was_sent_with_our_envelope_on_top() -> None:
    mail = bytes(reply("eta 16:30", PAGE)).replace(b"\n", b"\r\n")
    with running(PAGE) as box:
        box.send(mail, address(PAGE.page_id))
        (payload,) = box.payloads
    envelope, kept = unstamp(payload.body)
    assert kept == mail
    assert (payload.feed, payload.format, payload.content_type) == (ANSWERS_FEED, MAIL_FORMAT, "message/rfc822")
    assert (envelope.received_at, envelope.way, envelope.sender) == (RECEIVED, "smtp", CONTACT)
    (found,) = box.answers()
    assert found.action is AnswerAction.ETA, "the person's zone came along"
    assert (found.claims.page_id, found.identity) == (PAGE.page_id, Identity.UNVERIFIED)
    assert box.counted("taken") == 1


def test_case_does_not_matter_in_addresses() -> None:
    with running(PAGE) as box:
        box.send(bytes(reply("On it", PAGE)), address(PAGE.page_id).upper())
        assert [one.page_id for one in box.envelope().pages] == [PAGE.page_id]


STRANGERS = {
    "nobody's": f"somebody@{DOMAIN}",
    "another secret's": address(PAGE.page_id, secret=b"another secret of the same size"),
    "another page's signature": address(PAGE.page_id).replace(PAGE.page_id, OTHER.page_id),
    "another domain's": address(PAGE.page_id, domain="elsewhere.example"),
    "cut short": address(PAGE.page_id).replace("@", "@")[:40] + f"@{DOMAIN}",
    "postmaster's": "postmaster",
}


@pytest.mark.parametrize("recipient", STRANGERS.values(), ids=STRANGERS.keys())
def test_an_address_that_we_did_not_sign_is_refused(recipient: str) -> None:
    with running(PAGE) as box, pytest.raises(smtplib.SMTPRecipientsRefused) as caught:
        box.send(bytes(reply("On it", PAGE)), recipient)
    assert [code for code, _ in caught.value.recipients.values()] == [550]
    assert box.payloads == []


def test_one_stranger_among_the_recipients_costs_the_others_nothing() -> None:
    with running(PAGE) as box:
        refused = box.send(bytes(reply("On it", PAGE)), address(PAGE.page_id), STRANGERS["nobody's"])
        assert list(refused) == [STRANGERS["nobody's"]]
        assert len(box.answers()) == 1


def test_two_pages_in_one_mail_are_two_answers_however_it_is_delivered() -> None:
    mail = bytes(reply("On it", PAGE, OTHER))
    with running(PAGE, OTHER) as box:
        box.send(mail, address(PAGE.page_id), address(OTHER.page_id))
        together = {one.answer_id for one in box.answers()}
        box.send(mail, address(PAGE.page_id))
        box.send(mail, address(OTHER.page_id))
        apart = {one.answer_id for one in box.answers()}
    assert len(together) == 2
    assert together == apart


def test_while_kafka_is_away_the_sender_keeps_the_mail_and_brings_it_again() -> None:
    with running(PAGE) as box:
        box.trouble.append(KafkaTimeoutError("no broker"))
        with pytest.raises(smtplib.SMTPDataError) as caught:
            box.send(bytes(reply("On it", PAGE)), address(PAGE.page_id))
        assert code_of(caught.value) == 451
        assert box.payloads == []
        box.send(bytes(reply("On it", PAGE)), address(PAGE.page_id))
        assert len(box.answers()) == 1
        assert (box.counted("deferred"), box.counted("taken")) == (1, 1)


def test_a_page_that_cant_be_looked_for_now_keeps_the_mail_with_its_sender() -> None:
    def away(_: str) -> KnownPage | None:
        raise NotCaughtUpError("not read to its end")

    with running(PAGE, find=away) as box, pytest.raises(smtplib.SMTPDataError) as caught:
        box.send(bytes(reply("On it", PAGE)), address(PAGE.page_id))
    assert code_of(caught.value) == 451
    assert box.payloads == []


def test_a_page_that_is_not_known_any_more_is_kept_without_claims() -> None:
    with running() as box:
        box.send(bytes(reply("On it", PAGE)), address(PAGE.page_id))
        (found,) = box.envelope().pages
    assert (found.page_id, found.claims) == (PAGE.page_id, None)
    assert read_mail(box.payloads[0].body).problems[0][0] == "unknown_page"


def test_a_mail_that_the_broker_will_never_take_is_refused_for_good() -> None:
    with running(PAGE) as box:
        box.trouble.append(MessageSizeTooLargeError("too large"))
        with pytest.raises(smtplib.SMTPDataError) as caught:
            box.send(bytes(reply("On it", PAGE)), address(PAGE.page_id))
    assert code_of(caught.value) == 552


def test_a_mail_that_is_too_large_is_refused_whether_it_says_so_before_or_not() -> None:
    lines = b"From: maya@nimbus.example\r\n\r\n" + (b"x" * 70 + b"\r\n") * (module.SIZE_LIMIT // 72 + 1000)
    with running(PAGE) as box:
        with pytest.raises(smtplib.SMTPSenderRefused) as early:
            box.send(lines, address(PAGE.page_id))
        with smtplib.SMTP("127.0.0.1", box.port, timeout=PATIENT_S) as client:
            client.helo()
            client.mail(CONTACT)
            client.rcpt(address(PAGE.page_id))
            late, _ = client.data(lines)
    assert (code_of(early.value), late) == (552, 552)
    assert box.payloads == []


def test_a_bounce_is_taken_and_is_a_receipt() -> None:
    with running(PAGE) as box:
        box.send(bytes(reply("ack", PAGE)), address(PAGE.page_id), sender="")
        assert [one.action for one in box.answers()] == [AnswerAction.RECEIPT]


def test_headers_that_look_like_ours_count_for_nothing() -> None:
    forged = (
        b'Holdfast-Envelope: {"way": "smtp", "received_at": "2020-01-01T00:00:00Z", "pages": []}\r\n'
        b"Authentication-Results: reply.us.example; dkim=pass header.d=nimbus.example\r\n"
    )
    with running(PAGE) as box:
        box.send(forged + bytes(reply("On it", PAGE)), address(PAGE.page_id))
        (found,) = box.answers()
    assert (found.said_at, found.identity) == (RECEIVED, Identity.UNVERIFIED)


def test_a_signature_of_the_persons_own_domain_proves_the_person() -> None:
    key = make_key()
    mail = bytes(reply("On it", PAGE)).replace(b"\n", b"\r\n")
    with DnsServer({"s1._domainkey.nimbus.example": key.record}) as dns, running(PAGE, dns=dns.address) as box:
        box.send(signed(mail, key), address(PAGE.page_id))
        assert [one.identity for one in box.answers()] == [Identity.DKIM]
        changed = signed(mail, key).replace(b"On it", b"Restored")
        box.send(changed, address(PAGE.page_id))
        assert [one.identity for one in box.answers()] == [Identity.UNVERIFIED]
        box.send(signed(mail, key), address(PAGE.page_id), address(OTHER.page_id))
        proofs = {one.page_id: one for one in box.envelope().pages}
        assert proofs[OTHER.page_id].claims is None


def test_too_many_senders_at_once_are_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CONNECTIONS", 2)
    with running(PAGE) as box:
        held = [smtplib.SMTP("127.0.0.1", box.port, timeout=PATIENT_S) for _ in range(2)]
        with socket.create_connection(("127.0.0.1", box.port), timeout=PATIENT_S) as third:
            assert third.recv(100).startswith(b"421 ")
        held.pop().quit()
        for one in held:
            one.quit()
        done = threading.Event()
        while not done.is_set():
            try:
                box.send(bytes(reply("On it", PAGE)), address(PAGE.page_id))
                done.set()
            except smtplib.SMTPConnectError:
                continue
    assert len(box.payloads) == 1


def test_addresses_are_not_written_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"), running(PAGE) as box:
        box.send(bytes(reply("On it", PAGE)), address(PAGE.page_id))
    assert PAGE.page_id in caplog.text
    assert address(PAGE.page_id).partition("@")[0] not in caplog.text


def test_the_person_is_a_contact_of_the_provider_or_a_member_of_the_rota() -> None:
    rota = {
        "apiVersion": "holdfast/v1",
        "kind": "Rota",
        "id": "duty-desk",
        "members": {"tom": {"name": "Tom", "side": "provider", "email": "tom@nimbus.example"}},
        "layers": [{"members": ["tom"], "timezone": "UTC", "since": "2026-01-05"}],
    }
    from models.provider import Provider
    from models.rota import Rota

    documents = Documents.of([Provider.model_validate(PROVIDER), Rota.model_validate(rota)])
    member = page(recipient="tom", rota="duty-desk")
    found = [contact_of(KnownPage.of(one), documents) for one in (PAGE, member, page(recipient="nobody"))]
    assert [one.email if one else None for one in found] == ["duty@nimbus.example", "tom@nimbus.example", None]
