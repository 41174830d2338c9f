"""Replies by mail: who wrote them, a person or a machine; what they say; which pages they answer."""

import time
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.answer_mail import MailRead, read_mail
from feeds.errors import PayloadError
from models.answers import Answer, AnswerAction
from models.communication import CommunicationKind
from models.mail import ENVELOPE, AnsweredPage, stamp, unstamp
from models.notice import Identity
from models.paging import Side
from models.tokens import Claims
from tests.support import mails
from tests.support.mails import CONTACT, RECEIVED, address, envelope, page, reply, signature, stamped

PAGE = page()
OTHER = page(1)
OUTLOOK_QUOTE = """
-----Original Message-----
From: Holdfast <holdfast@us.example>
Sent: Monday, May 4, 2026 2:30 PM
To: Maya
Subject: Mail is delayed

restored
Restore is due 13:30."""


def read(message: EmailMessage | bytes, *pages: object, **fields: object) -> MailRead:
    return read_mail(stamped(message, *(pages or (PAGE,)), **fields))  # type: ignore[arg-type]


def answer(message: EmailMessage | bytes, *pages: object, **fields: object) -> Answer:
    (found,) = read(message, *pages, **fields).answers
    return found


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_persons_reply_is_an_acknowledgement_with_its_words() -> None:
    found = answer(reply("We are on it, Tom drives to the site.", PAGE))
    assert found.action is AnswerAction.ACKNOWLEDGE
    assert found.text == "We are on it, Tom drives to the site."
    assert found.claims == Claims.of(PAGE)
    assert (found.said_at, found.their_stamp) == (RECEIVED, instant("2026-05-04T12:59:30"))
    assert found.channel == "email"


MACHINES = {
    "Outlook's out-of-office": {"Subject": "Automatic reply: Mail is delayed", "X-Auto-Response-Suppress": "All"},
    "Exchange, marked as the RFC says": {"Auto-Submitted": "auto-generated", "Subject": "Abwesend: Mail is delayed"},
    "Gmail's vacation responder": {"Precedence": "bulk", "X-Autoreply": "yes", "Auto-Submitted": "auto-replied"},
    "sendmail's vacation": {"Auto-Submitted": "auto-replied (vacation)", "Precedence": "junk", "Subject": "away"},
    "an old vacation program": {"Precedence": "auto_reply"},
    "Jira's receipt": {"Auto-Submitted": "auto-generated", "X-JIRA-FingerPrint": "0f", "Precedence": "bulk"},
    "ServiceNow's receipt": {"X-ServiceNow-Generated": "true", "Subject": "INC0010023 opened"},
    "a desk's receipt that is marked by X-Autorespond alone": {"X-Autorespond": "Mail is delayed"},
    "a bounce": {"Return-Path": "<>", "Subject": "Undelivered Mail Returned to Sender"},
    "a mailer daemon": {"From": "MAILER-DAEMON@nimbus.example", "Subject": "failure notice"},
    "a robot's address": {"From": "No Reply <no-reply@nimbus.example>"},
    "a vacation subject outside of any thread": {"Subject": "Out of office until Monday", "In-Reply-To": None},
    "a vacation subject, encoded, outside of any thread": {
        "Subject": "=?utf-8?Q?R=C3=A9ponse_automatique_:_en_cong=C3=A9?=",
        "In-Reply-To": None,
    },
    "a vacation subject from an Exchange inbox rule": {
        "Subject": "Automatische Antwort: Mail",
        "X-MS-Exchange-Inbox-Rules-Loop": CONTACT,
    },
}


@pytest.mark.parametrize("headers", MACHINES.values(), ids=MACHINES.keys())
def test_a_machines_reply_is_a_receipt(headers: dict[str, str]) -> None:
    found = answer(reply("restored", PAGE, **headers))
    assert found.action is AnswerAction.RECEIPT
    assert found.claimed_at is None


def test_a_mail_from_nobody_is_a_machines() -> None:
    assert answer(reply("ack", PAGE), sender="").action is AnswerAction.RECEIPT


def test_a_delivery_report_is_a_receipt() -> None:
    report = (
        b"From: postmaster@nimbus.example\r\nTo: x@us.example\r\nSubject: Undeliverable\r\n"
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain\r\n\r\nYour message wasn't delivered.\r\n"
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\nAction: failed\r\n\r\n--b--\r\n"
    )
    assert answer(report).action is AnswerAction.RECEIPT


def test_a_read_receipt_is_a_receipt() -> None:
    report = (
        b"From: maya@nimbus.example\r\nSubject: Read: Mail is delayed\r\nIn-Reply-To: <x@y>\r\n"
        b'Content-Type: multipart/report; report-type=disposition-notification; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain\r\n\r\nYour message was read.\r\n"
        b"--b\r\nContent-Type: message/disposition-notification\r\n\r\nDisposition: displayed\r\n\r\n--b--\r\n"
    )
    assert answer(report).action is AnswerAction.RECEIPT


PEOPLE = {
    "said not to be automatic": {"Auto-Submitted": "no"},
    "a word of vacation in a thread": {"Subject": "Out of office hours, but I am on it"},
    "through a mailing list": {"Precedence": "list", "List-Id": "<duty.nimbus.example>"},
    "without a subject": {"Subject": None},
    "without any header of a thread": {"In-Reply-To": None},
    "a reply to a page that was late": {"Subject": "Re: [late] Mail is delayed"},
}


@pytest.mark.parametrize("headers", PEOPLE.values(), ids=PEOPLE.keys())
def test_a_persons_reply_is_no_receipt(headers: dict[str, str]) -> None:
    assert answer(reply("I have it", PAGE, **headers)).action is AnswerAction.ACKNOWLEDGE


QUOTED = {
    "nothing": "On it.",
    "Gmail": "On it.\n\nOn Mon, May 4, 2026 at 2:30 PM Holdfast <h@us.example> wrote:\n\n> restored\n> eta 15:00 UTC",
    "Gmail, broken over two lines": "On it.\nOn Mon, May 4, 2026 at 14:30 Holdfast\n<h@us.example> wrote:\n> restored",
    "Outlook": f"On it.\n{OUTLOOK_QUOTE}",
    "Outlook with a rule of underscores": "On it.\n\n________________________________\nFrom: Holdfast <h@us.example>\n"
    "Sent: Monday, May 4, 2026\nTo: Maya\nSubject: x\n\nrestored",
    "Outlook in German": "On it.\n\nVon: Holdfast <h@us.example>\nGesendet: Montag, 4. Mai 2026 14:30\n"
    "An: Maya\nBetreff: x\n\nrestored",
    "Apple Mail, quote without marks": "On it.\n\nOn 4. May 2026, at 14:30, Holdfast <h@us.example> wrote:\n\nrestored",
    "German": "On it.\n\nAm 04.05.2026 um 14:30 schrieb Holdfast <h@us.example>:\n> restored\n",
    "German, broken over lines": "On it.\n\nAm 4. Mai 2026 um 14:30 schrieb Holdfast <\nh@us.example>:\n> restored",
    "French": "On it.\n\nLe lun. 4 mai 2026 à 14:30, Holdfast <h@us.example> a écrit :\n\n> restored",
    "below the quote": "On Mon, Holdfast wrote:\n> restored\n> eta 15:00 UTC\n\nOn it.",
    "a signature": "On it.\n\n-- \nMaya\nrestored by Nimbus",
    "a telephone": "On it.\n\nSent from my iPhone\n\n> restored",
    "a telephone in German": "On it.\n\nVon meinem iPhone gesendet\n",
    "a line of a desk's tool": "On it.\n\n##- Please type your reply above this line -##\nrestored",
}


@pytest.mark.parametrize("text", QUOTED.values(), ids=QUOTED.keys())
def test_what_is_quoted_or_a_signature_was_not_said(text: str) -> None:
    found = answer(reply(text, PAGE))
    assert (found.action, found.text) == (AnswerAction.ACKNOWLEDGE, "On it.")


SAID = {
    "ack": ("ack", AnswerAction.ACKNOWLEDGE, None),
    "eta with its own zone": ("ETA 14:30 UTC", AnswerAction.ETA, "2026-05-04T14:30"),
    "eta with an offset": ("eta: 16:30 +02:00", AnswerAction.ETA, "2026-05-04T14:30"),
    "eta in a named zone": ("eta 16:30 Europe/Berlin", AnswerAction.ETA, "2026-05-04T14:30"),
    "eta on a date": ("eta 2026-05-05 09:00Z", AnswerAction.ETA, "2026-05-05T09:00"),
    "eta in the afternoon": ("eta 2:30 pm UTC", AnswerAction.ETA, "2026-05-04T14:30"),
    "eta after midnight": ("eta 00:30 UTC", AnswerAction.ETA, "2026-05-05T00:30"),
    "eta as a span": ("eta in 90 minutes", AnswerAction.ETA, "2026-05-04T14:30"),
    "eta in the second line": ("Hello,\neta 2h.\nMaya", AnswerAction.ETA, "2026-05-04T15:00"),
    "eta without any zone says no time": ("eta 14:30", AnswerAction.ACKNOWLEDGE, None),
    "eta in a zone that may be three": ("eta 14:30 CST", AnswerAction.ACKNOWLEDGE, None),
    "eta in a zone that means one place's clocks": ("eta 16:30 CEST", AnswerAction.ETA, "2026-05-04T14:30"),
    "a promise in plain words": (
        "We found it. Service will be restored by 14:30 UTC.",
        AnswerAction.ETA,
        "2026-05-04T14:30",
    ),
    "the next word promised": ("Looking into it, next update by 14:30 UTC", AnswerAction.ETA, "2026-05-04T14:30"),
    "a time that promises nothing": ("The disk broke at 14:30 UTC", AnswerAction.ACKNOWLEDGE, None),
    "eta that has passed": ("eta 12:30 UTC", AnswerAction.ACKNOWLEDGE, None),
    "eta that is none": ("eta unknown", AnswerAction.ACKNOWLEDGE, None),
    "eta in a sentence": ("The eta is maybe 14:30 UTC but don't count on it", AnswerAction.ACKNOWLEDGE, None),
    "restored": ("Restored.", AnswerAction.RESTORED, None),
    "restored at a time": ("restored at 12:40 UTC", AnswerAction.RESTORED, "2026-05-04T12:40"),
    "restored a while ago": ("restored since: 20 min ago", AnswerAction.ACKNOWLEDGE, None),
    "restored half an hour ago": ("restored: 20 min ago", AnswerAction.RESTORED, "2026-05-04T12:40"),
    "restored later than now": ("restored at 13:30 UTC", AnswerAction.ACKNOWLEDGE, None),
    "restored by half": ("restored for some customers", AnswerAction.ACKNOWLEDGE, None),
    "not restored": ("not restored", AnswerAction.ACKNOWLEDGE, None),
    "restored, asked": ("restored?", AnswerAction.ACKNOWLEDGE, None),
    "pause over": ("pause is over", AnswerAction.ACKNOWLEDGE, None),
    "pause without a reason": ("pause", AnswerAction.ACKNOWLEDGE, None),
    "root cause told": ("Root cause: a broken disk", AnswerAction.ROOT_CAUSE, None),
    "root cause not known": ("root cause: unknown", AnswerAction.ACKNOWLEDGE, None),
    "root cause without a report": ("root cause", AnswerAction.ACKNOWLEDGE, None),
}


@pytest.mark.parametrize(("text", "action", "at"), SAID.values(), ids=SAID.keys())
def test_only_a_plain_command_says_more_than_that_somebody_has_it(
    text: str, action: AnswerAction, at: str | None
) -> None:
    found = answer(reply(text, PAGE))
    assert found.action is action
    assert (found.promised_at or found.claimed_at) == (None if at is None else instant(at))
    assert (found.phrase is not None) == (action is AnswerAction.ETA)


def test_a_time_without_zone_is_read_in_the_persons_own() -> None:
    known = AnsweredPage(page_id=PAGE.page_id, by="address", claims=Claims.of(PAGE), zone="Europe/Berlin")
    found = answer(reply("eta 16:30", PAGE), pages=(known,))
    assert (found.promised_at, found.phrase) == (instant("2026-05-04T14:30"), "eta 16:30")
    assert answer(reply("eta 16:30 CEST", PAGE), pages=(known,)).promised_at == instant("2026-05-04T14:30")
    assert answer(reply("eta 16:30 IST", PAGE), pages=(known,)).promised_at is None, "three zones, none of them hers"


def test_a_time_that_clocks_show_twice_is_not_read() -> None:
    known = AnsweredPage(page_id=PAGE.page_id, by="address", claims=Claims.of(PAGE), zone="Europe/Berlin")
    autumn = {"received_at": instant("2026-10-24T23:00"), "pages": (known,)}
    late = page(expires_at=instant("2026-12-01T00:00"))
    autumn["pages"] = (known.model_copy(update={"claims": Claims.of(late)}),)
    assert answer(reply("eta 02:30", PAGE), **autumn).promised_at is None
    assert answer(reply("eta 03:30", PAGE), **autumn).promised_at == instant("2026-10-25T02:30")


def test_a_pause_is_asked_for_with_a_reason_as_agreements_write_it() -> None:
    found = answer(reply("pause: awaiting customer\nWe need the logs.", PAGE))
    assert (found.action, found.reason) == (AnswerAction.PAUSE_REQUEST, "awaiting_customer")


def test_who_says_that_it_is_not_theirs_has_not_taken_it() -> None:
    found = read(reply("wrong person", PAGE))
    assert found.answers == ()
    assert [one.text for one in found.contacts] == ["wrong person"]


@pytest.mark.parametrize(
    "text", ["", "   \n", "> restored\n> ack", "-- \nMaya"], ids=["empty", "blank", "quote", "signature"]
)
def test_a_reply_that_says_nothing_moves_nothing(text: str) -> None:
    found = read(reply(text, PAGE))
    assert (found.answers, len(found.contacts)) == ((), 1)


@pytest.mark.parametrize("text", ["restored", "eta 14:30 UTC", "pause: logs", "root cause: disk"])
def test_our_own_people_acknowledge_whatever_word_of_the_providers_they_use(text: str) -> None:
    ours = page(side=Side.CUSTOMER)
    assert answer(reply(text, ours), ours).action is AnswerAction.ACKNOWLEDGE


def test_one_mail_answers_every_page_that_it_is_sent_to() -> None:
    found = read(reply("On it", PAGE, OTHER), PAGE, OTHER).answers
    assert [one.claims.page_id for one in found] == [PAGE.page_id, OTHER.page_id]
    assert len({one.answer_id for one in found}) == 2


def test_the_same_mail_delivered_twice_is_one_answer() -> None:
    again = envelope(PAGE, received_at=RECEIVED + timedelta(minutes=5))
    first = answer(reply("On it", PAGE))
    (second,) = read_mail(stamp(again, b"Received: by elsewhere\r\n" + bytes(reply("On it", PAGE)))).answers
    assert first.answer_id == second.answer_id
    assert first.answer_id != answer(reply("On it", PAGE, Message_ID="<2@nimbus.example>")).answer_id


def test_two_mails_without_an_id_are_two_answers() -> None:
    first, second = (answer(reply(text, PAGE, Message_ID=None)) for text in ("On it", "Still on it"))  # type: ignore[arg-type]
    assert first.answer_id != second.answer_id


def test_a_page_named_only_by_its_message_id_is_evidence_and_no_more() -> None:
    known = AnsweredPage(page_id=PAGE.page_id, by="reference", claims=Claims.of(PAGE), contact=CONTACT)
    found = read(reply("restored", PAGE), pages=(known,), signatures=(signature(),))
    assert found.answers == ()
    (contact,) = found.contacts
    assert (contact.kind, contact.identity) == (CommunicationKind.REPLY, Identity.UNVERIFIED)
    assert (contact.page_id, contact.text, contact.clock) == (PAGE.page_id, "restored", "theirs")


def test_an_answer_after_the_pages_end_is_evidence_and_no_more() -> None:
    late = PAGE.expires_at + timedelta(seconds=1)  # type: ignore[operator]
    assert read(reply("restored", PAGE), received_at=late).answers == ()
    assert len(read(reply("restored", PAGE), received_at=PAGE.expires_at).answers) == 1


def test_a_page_that_is_not_known_any_more_is_a_problem_and_the_others_are_answered() -> None:
    old = AnsweredPage(page_id=OTHER.page_id, by="address")
    found = read(reply("On it", PAGE), pages=(*envelope(PAGE).pages, old))
    assert [one.claims.page_id for one in found.answers] == [PAGE.page_id]
    assert [reason for reason, _ in found.problems] == ["unknown_page"]


def test_a_report_on_the_cause_is_known_by_its_name_and_the_text() -> None:
    message = reply("Please find our RCA attached.", PAGE)
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="RCA-4711.pdf")
    found = answer(message)
    assert (found.action, found.attachment_name) == (AnswerAction.ROOT_CAUSE, "RCA-4711.pdf")
    assert found.attachment_digest == sha256(b"%PDF").hexdigest()


def test_any_other_attachment_is_kept_by_name_and_digest_and_says_nothing() -> None:
    message = reply("RCA will follow", PAGE)
    message.add_attachment(b"rows", maintype="text", subtype="csv", filename="invoice.csv")
    found = answer(message)
    assert (found.action, found.attachment_digest) == (AnswerAction.ACKNOWLEDGE, sha256(b"rows").hexdigest())


def test_a_logo_in_the_text_is_no_attachment() -> None:
    message = reply("On it", PAGE)
    message.add_attachment(
        b"png", maintype="image", subtype="png", filename="logo.png", disposition="inline", cid="<logo>"
    )
    assert answer(message).attachment_digest is None


HTML = {
    "paragraphs": "<p>On it.</p><p>eta 14:30 UTC</p>",
    "Outlook": "<div>On it.</div><div>eta 14:30 UTC</div><hr><div id='divRplyFwdMsg'><b>From:</b> Holdfast<br>"
    "<b>Sent:</b> Monday<br><b>To:</b> Maya</div><div>restored</div>",
    "Gmail": "On it.<br>eta 14:30 UTC<div class='gmail_quote'>On Mon Holdfast wrote:"
    "<blockquote>restored</blockquote></div>",
    "Apple Mail": "<div>On it.</div><div>eta 14:30 UTC<br></div>"
    "<blockquote type='cite'><div>On 4 May, Holdfast wrote:</div>restored</blockquote>",
    "scripts": "<style>restored{}</style><script>restored</script><p>On it.</p>eta 14:30 UTC",
}


@pytest.mark.parametrize("html", HTML.values(), ids=HTML.keys())
def test_html_is_reduced_to_what_was_said(html: str) -> None:
    message = reply("", PAGE)
    message.set_content(f"<html><body>{html}</body></html>", subtype="html")
    found = answer(message)
    assert found.action is AnswerAction.ETA
    assert (found.text or "").replace("\n\n", "\n") == "On it.\neta 14:30 UTC"


PROOFS = {
    "by the contact's own domain": (signature(), {}, Identity.DKIM),
    "by a subdomain of it": (signature(domain="mail.nimbus.example"), {}, Identity.DKIM),
    "by a stranger": (signature(domain="evil.example"), {}, Identity.UNVERIFIED),
    "by a domain that ends alike": (signature(domain="evilnimbus.example"), {}, Identity.UNVERIFIED),
    "by a top-level domain": (signature(domain="example"), {}, Identity.UNVERIFIED),
    "that failed": (signature(result="fail"), {}, Identity.UNVERIFIED),
    "whose key could not be looked up": (signature(result="temperror"), {}, Identity.UNVERIFIED),
    "of a part of the text": (signature(is_partial=True), {}, Identity.UNVERIFIED),
    "without the sender": (signature(signed=("to", "subject")), {}, Identity.UNVERIFIED),
    "without the recipient, so of a mail to anybody": (signature(signed=("from",)), {}, Identity.UNVERIFIED),
    "of a mail to somebody else": (signature(), {"To": "friend@else.example"}, Identity.UNVERIFIED),
    "with the recipient in Cc, signed": (
        signature(signed=("from", "cc")),
        {"To": "a@b.example", "Cc": address(PAGE.page_id)},
        Identity.DKIM,
    ),
    "of another person's domain": (
        signature(domain="other.example"),
        {"From": "Eve <eve@other.example>"},
        Identity.UNVERIFIED,
    ),
}


@pytest.mark.parametrize(("proof", "headers", "identity"), PROOFS.values(), ids=PROOFS.keys())
def test_a_signature_proves_the_person_only(proof: object, headers: dict[str, str], identity: Identity) -> None:
    found = answer(reply("On it", PAGE, **headers), signatures=(proof,))
    assert found.identity is identity


def test_two_senders_prove_nobody() -> None:
    twice = b"From: eve@evil.example\r\n" + bytes(reply("On it", PAGE))
    assert answer(twice, signatures=(signature(),)).identity is Identity.UNVERIFIED


def test_a_saved_mail_proves_nobody() -> None:
    assert answer(reply("On it", PAGE), signatures=(signature(),), way="file").identity is Identity.UNVERIFIED


def test_headers_that_look_like_ours_count_for_nothing() -> None:
    inner = stamped(reply("restored", PAGE), OTHER, signatures=(signature(),))
    forged = b"Authentication-Results: reply.us.example; dkim=pass header.d=nimbus.example\r\n" + inner
    found = read_mail(stamp(envelope(PAGE), forged))
    assert [one.claims.page_id for one in found.answers] == [PAGE.page_id]
    assert found.answers[0].identity is Identity.UNVERIFIED


BROKEN = {
    "nothing": (b"", "no_envelope"),
    "a mail that did not come through the mailbox": (bytes(reply("x", PAGE)), "no_envelope"),
    "an envelope that can't be read": (ENVELOPE + b"{}\r\nFrom: a@b\r\n\r\n", "no_envelope"),
    "no headers": (stamp(envelope(PAGE), b"\x00\xff\xfe"), "not_a_mail"),
    "parts within parts": (
        stamp(envelope(PAGE), b"From: a@b\r\n" + b"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n" * 900),
        "not_a_mail",
    ),
    "too large": (stamp(envelope(PAGE), b"From: a@b.example\r\n\r\n" + b"x" * (10 * 1024 * 1024)), "too_large"),
    "no page": (stamp(envelope(), bytes(reply("x"))), "unknown_page"),
}


@pytest.mark.parametrize(("body", "reason"), BROKEN.values(), ids=BROKEN.keys())
def test_a_mail_that_cant_be_read_has_a_reason(body: bytes, reason: str) -> None:
    with pytest.raises(PayloadError) as caught:
        read_mail(body)
    assert caught.value.reason == reason


def outcome(body: bytes) -> str | int:
    """Return the reason that a mail can't be read for, or how many pages it spoke of."""
    try:
        found = read_mail(body)
    except PayloadError as error:
        return error.reason
    return len(found.answers) + len(found.contacts) + len(found.problems)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=2000))
def test_no_bytes_raise_anything_else(body: bytes) -> None:
    assert outcome(body) == "no_envelope"
    assert outcome(stamp(envelope(PAGE), body)) in (1, "not_a_mail")
    assert outcome(stamp(envelope(PAGE), b"From: a@b\r\n" + body)) in (1, "not_a_mail")


HEADER_NAMES = (
    "From",
    "To",
    "Subject",
    "Date",
    "Content-Type",
    "Content-Transfer-Encoding",
    "Message-ID",
    "Precedence",
)
KINDS = ("text/plain", "text/html; charset=nonsense", 'multipart/mixed; boundary="b"', "message/rfc822")
LINE = st.text(st.characters(exclude_characters="\r\n", exclude_categories=("Cs",)), max_size=60)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(HEADER_NAMES), LINE)), st.sampled_from(KINDS), st.binary(max_size=500))
def test_no_headers_raise_anything_else(headers: list[tuple[str, str]], kind: str, body: bytes) -> None:
    lines = [f"{name}: {value}" for name, value in [("From", CONTACT), *headers, ("Content-Type", kind)]]
    mail = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
    assert outcome(stamp(envelope(PAGE), mail)) in (1, "not_a_mail")


SLOW = {
    "a line that might say who wrote, again and again": b"am schrieb " * 18000,
    "lines that might go on": b"On 4 a b c d\r\n" * 15000,
    "a line of dashes": b"-" * 200_000,
    "quotes within quotes": b"<blockquote class=x>" * 9000,
}


@pytest.mark.parametrize("text", SLOW.values(), ids=SLOW.keys())
@pytest.mark.parametrize("kind", ["plain", "html"])
def test_a_mail_made_to_be_slow_is_read_in_time(text: bytes, kind: str) -> None:
    mail = b"From: a@b.example\r\nContent-Type: text/" + kind.encode() + b"\r\n\r\n" + text
    began = time.process_time()
    assert outcome(stamp(envelope(PAGE), mail)) == 1
    assert time.process_time() - began < 5


def test_the_mails_own_bytes_stay_as_they_came() -> None:
    mail = bytes(reply("On it", PAGE))
    assert unstamp(stamp(envelope(PAGE), mail)) == (envelope(PAGE), mail)


def test_the_secret_of_an_address_is_needed() -> None:
    assert mails.address(PAGE.page_id) != mails.address(PAGE.page_id, secret=b"another secret of the same size")
