"""The page of a token, without servers: GET never acts, POST records once, and every refusal says what to do."""

import base64
import html
import re
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from board.answering import BODY_BYTES
from board.receive import BrokerUnavailableError
from board.used import Knocks, Used
from holdfast.documents import load_documents
from models.answers import ATTACHMENT_BYTES, AnswerAction
from models.communication import Communication
from models.documents import Documents
from models.effects import effects
from models.notice import Identity, Phase, Speaker
from models.paging import PageKind, Side
from models.tokens import unseal
from tests.board.desk import Desk, path
from tests.support import samples
from tests.support.answers import SECRET, answer, claims

PROVIDERS = claims(incident_id=samples.incident(0).incident_id)
OURS = claims(Side.CUSTOMER, incident_id=samples.incident(0).incident_id)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def words(page: httpx.Response) -> str:
    """Return a page's text without its tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page.text)).split())


def actions(page: httpx.Response) -> set[str]:
    """Return what a page's buttons send."""
    return set(re.findall(r'name="action" value="(\w+)"', page.text))


def following(page: httpx.Response) -> str:
    """Return the one path that a page's forms post to."""
    (found,) = set(re.findall(r'<form method="post" action="([^"]+)"', page.text))
    return found


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_records_nothing_however_often(desk: Desk, method: str) -> None:
    """Mail scanners and previews open every link before the person does."""
    for _ in range(3):
        assert desk.ask(method, path(PROVIDERS)).status_code == 200
    assert desk.published == []
    assert desk.post(PROVIDERS, action="acknowledge").status_code == 200


def test_the_page_works_from_the_token_alone(desk: Desk) -> None:
    page = desk.get(PROVIDERS)
    text = words(page)
    assert "You answer as Nimbus operations , for the provider" in text
    assert "nimbus mail" in text
    assert "inc-0" in text
    assert "good until 11 May 09:30 UTC" in text
    assert "<script" not in page.text


def test_what_the_board_knows_of_the_incident_is_shown(desk: Desk) -> None:
    desk.knows(samples.incident(0), samples.clock(0))
    text = words(desk.get(PROVIDERS))
    assert "Mail is delayed" in text
    assert "priority P1" in text
    assert "restore is due 4 May 13:30 UTC" in text
    desk.later(300)
    assert "restore was due 4 May 13:30 UTC, overdue" in words(desk.get(PROVIDERS))


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (PROVIDERS, {"acknowledge", "eta", "pause_request", "restored", "root_cause", "note"}),
        (OURS, {"acknowledge", "accept", "reject", "dispute", "note"}),
        (claims(kind=PageKind.EXPOSURE), {"acknowledge", "note"}),
    ],
    ids=["the provider's people", "our own people", "of a hazard"],
)
def test_each_side_sees_its_own_answers(desk: Desk, held: Any, expected: set[str]) -> None:
    assert actions(desk.get(held)) == expected


def test_an_acknowledgement_is_recorded_and_the_conversation_goes_on(desk: Desk) -> None:
    page = desk.post(PROVIDERS, action="acknowledge")
    assert "Recorded 4 May 09:40 UTC, in the name of Nimbus operations : acknowledged" in words(page)
    (first,) = desk.answers
    assert first == answer(claims=PROVIDERS)
    go_on = following(page)
    assert unseal(go_on.removeprefix("/a/"), SECRET.encode(), desk.clock.at) == PROVIDERS.following()
    second = desk.ask("POST", go_on, data={"action": "note", "text": "on site"})
    assert second.status_code == 200
    assert [one.action for one in desk.answers] == [AnswerAction.ACKNOWLEDGE, AnswerAction.NOTE]
    assert desk.answers[1].answer_id != first.answer_id


def test_a_used_link_says_when_and_what_was_recorded(desk: Desk) -> None:
    desk.post(PROVIDERS, action="eta", within_min="60", text="a fan is being replaced")
    desk.later(5)
    for again in (desk.get(PROVIDERS), desk.post(PROVIDERS, action="acknowledge")):
        assert "already used" in words(again)
        assert "Recorded 4 May 09:40 UTC in the name of Nimbus operations : named a time" in words(again)
        assert "expected by 2026-05-04 10:40 UTC" in words(again)
        assert actions(again) == set()
    assert (desk.get(PROVIDERS).status_code, desk.post(PROVIDERS).status_code) == (200, 409)
    assert len(desk.published) == 1


def test_what_another_board_took_is_asked_of_the_index(desk: Desk) -> None:
    entry = effects(answer(claims=PROVIDERS)).communication
    asked: list[str] = []

    def communication(key: str) -> Communication:
        asked.append(key)
        return entry

    desk.index(communication=communication)
    assert desk.post(PROVIDERS, action="acknowledge").status_code == 409
    assert desk.get(PROVIDERS).status_code == 200
    assert asked == [entry.communication_id], "and is remembered"
    assert desk.published == []


def test_an_answer_that_the_broker_does_not_have_is_not_called_recorded(desk: Desk) -> None:
    desk.is_broker_up = False
    page = desk.post(PROVIDERS, action="acknowledge")
    assert (page.status_code, page.headers["retry-after"]) == (503, "5")
    assert "Nothing was recorded" in words(page)
    assert "same link still works" in words(page)
    desk.is_broker_up = True
    assert desk.post(PROVIDERS, action="acknowledge").status_code == 200
    assert len(desk.published) == 1


def test_a_link_that_is_not_ours_or_has_expired_says_so(desk: Desk) -> None:
    forged = desk.ask("POST", path(PROVIDERS)[:-3] + "xyz", data={"action": "acknowledge"})
    assert (forged.status_code, "not one of ours" in words(forged)) == (403, True)
    desk.clock.at = PROVIDERS.expires_at + timedelta(seconds=1)
    expired = desk.post(PROVIDERS, action="acknowledge")
    assert (expired.status_code, "was good until 2026-05-11 09:30 UTC" in words(expired)) == (403, True)
    assert desk.published == []


def test_without_a_secret_no_page_can_be_answered() -> None:
    desk = Desk(options={"link_secret": None})
    page = desk.post(PROVIDERS, action="acknowledge")
    assert (page.status_code, "HOLDFAST_LINK_SECRET" in words(page)) == (404, True)
    assert desk.published == []


TIMES = {
    "a span from now": ({"within_min": "30"}, samples.later(40)),
    "a time in UTC": ({"promised_at": "2026-05-04T12:00", "zone": "UTC"}, samples.later(150)),
    "a time in another zone": ({"promised_at": "2026-05-04T14:00", "zone": "Europe/Warsaw"}, samples.later(150)),
    "a time with an offset of its own": (
        {"promised_at": "2026-05-04T12:00Z", "zone": "Asia/Tokyo"},
        samples.later(150),
    ),
}


@pytest.mark.parametrize("name", TIMES)
def test_an_expected_time_is_read_in_its_zone_and_shown_back_in_utc(desk: Desk, name: str) -> None:
    fields, expected = TIMES[name]
    page = desk.post(PROVIDERS, action="eta", **fields)
    (said,) = desk.answers
    assert (said.promised_at, said.promises) == (expected, "restore")
    assert f"expected by {expected:%Y-%m-%d %H:%M} UTC" in words(page)


WRONG = {
    "no answer": ({"text": "well"}, "choose an answer"),
    "an answer that is none": ({"action": "resign"}, "choose an answer"),
    "a machine's answer": ({"action": "receipt"}, "choose an answer"),
    "a ruling on their own claim": ({"action": "accept", "claim": "paused"}, "can't answer a page with 'accept'"),
    "no time": ({"action": "eta"}, "name the time"),
    "a time that is past": ({"action": "eta", "promised_at": "2026-05-04T09:00"}, "no time to come"),
    "a time far ahead": ({"action": "eta", "promised_at": "2036-05-04T09:00"}, "more than a year ahead"),
    "two times": ({"action": "eta", "promised_at": "2026-05-04T12:00", "within_min": "30"}, "not both"),
    "a span of nothing": ({"action": "eta", "within_min": "0"}, "choose one of the spans"),
    "a time that is none": ({"action": "eta", "promised_at": "noon"}, "'noon' is no date and time"),
    "a zone that is none": ({"action": "eta", "promised_at": "2026-05-04T12:00", "zone": "Mars"}, "zone of the list"),
    "an hour that is left out": (
        {"action": "eta", "promised_at": "2027-03-28T02:30", "zone": "Europe/Berlin"}, "give it in UTC",
    ),
    "an hour that comes twice": (
        {"action": "eta", "promised_at": "2026-10-25T02:30", "zone": "Europe/Berlin"}, "give it in UTC",
    ),
    "restored in the future": ({"action": "restored", "claimed_at": "2026-05-04T12:00"}, "has not come yet"),
    "restored before there was any cloud": ({"action": "restored", "claimed_at": "1950-05-04T12:00"}, "too long ago"),
    "a pause without a reason": ({"action": "pause_request"}, "needs a reason"),
    "a reason in no letters": ({"action": "pause_request", "reason": "???"}, "plain letters"),
    "a report that says nothing": ({"action": "root_cause"}, "a text, a link or a document"),
    "an empty note": ({"action": "note", "text": "  "}, "needs a text"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_form_that_says_too_little_is_shown_again_and_records_nothing(desk: Desk, name: str) -> None:
    fields, expected = WRONG[name]
    page = desk.post(PROVIDERS, **fields)
    assert page.status_code == 422
    assert "Nothing was recorded: " in words(page)
    assert expected in words(page)
    assert following(page) == path(PROVIDERS), "the link is not used up"
    assert desk.published == []


def test_what_was_entered_stays_in_the_form(desk: Desk) -> None:
    page = desk.post(PROVIDERS, action="eta", text='<b>"soon"</b>')
    assert "&lt;b&gt;&#34;soon&#34;&lt;/b&gt;</textarea>" in page.text
    assert page.text.count("<details open>") == 1


def test_a_pause_is_asked_for_with_a_reason_as_agreements_write_it(desk: Desk) -> None:
    fields = {"claimed_at": "2026-05-04T09:35", "claimed_end_at": "2026-05-04T12:00", "reason": "Awaiting customer"}
    desk.post(PROVIDERS, action="pause_request", **fields)
    (said,) = desk.answers
    notice = effects(said).notice
    assert notice is not None
    assert (notice.phase, notice.reason) == (Phase.PAUSED, "awaiting_customer")
    assert (notice.claimed_at, notice.claimed_end_at) == (samples.later(5), samples.later(150))


AGREED = """
apiVersion: holdfast/v1
kind: Agreement
id: nimbus-hosting
provider: nimbus
customer: us
contract: sla
versions:
  - version: "2026-01-01"
    effective_from: 2026-01-01
    timezone: UTC
    services: [mail]
    calendars: {always: {hours: 24x7}}
    priorities: {p1: {severities: [major]}}
    targets: [{objective: restore, p1: 4h, calendar: always}]
    pauses: [{reason: awaiting_customer, objectives: [restore]}, {reason: site_access, objectives: [restore]}]
"""
PEOPLE = """
apiVersion: holdfast/v1
kind: Provider
id: nimbus
name: Nimbus
services: {mail: {}}
contacts: {nimbus-noc: {name: Nimbus operations, side: provider, timezone: Europe/Warsaw}}
"""


def agreed(folder: Path) -> Documents:
    (folder / "agreement.yaml").write_text(AGREED)
    (folder / "provider.yaml").write_text(PEOPLE)
    return load_documents(folder)


def test_reasons_and_zone_are_those_of_the_documents_where_they_are_known(tmp_path: Path) -> None:
    documents = agreed(tmp_path)
    desk = Desk(options={"documents": lambda: documents})
    desk.knows(samples.incident(0))
    page = desk.get(PROVIDERS).text
    assert re.findall(r'<option value="(awaiting_customer|site_access)">', page) == ["awaiting_customer", "site_access"]
    assert "<option selected>Europe/Warsaw</option>" in page


def test_documents_that_can_not_be_had_hold_up_no_answer() -> None:
    def unknown() -> Documents:
        raise BrokerUnavailableError("no broker answers")

    desk = Desk(options={"documents": unknown})
    desk.knows(samples.incident(0))
    assert '<input name="reason"' in desk.get(PROVIDERS).text


def test_a_document_goes_along_with_its_digest(desk: Desk) -> None:
    content = bytes(range(256)) * 40 + b"\r\n--"
    upload = {"document": ("..\\cause/Rapport über.pdf", content, "application/pdf")}
    page = desk.ask("POST", path(PROVIDERS), data={"action": "root_cause"}, files=upload)
    assert page.status_code == 200, words(page)
    (said,) = desk.answers
    assert said.attachment is not None
    assert base64.b64decode(said.attachment) == content
    assert (said.attachment_digest, said.attachment_name) == (sha256(content).hexdigest(), "Rapport über.pdf")
    assert f"SHA-256 {sha256(content).hexdigest()[:16]}" in words(page)


@pytest.mark.parametrize(("size", "status"), [(ATTACHMENT_BYTES, 200), (ATTACHMENT_BYTES + 1, 422), (BODY_BYTES, 413)])
def test_a_document_has_a_largest_size(desk: Desk, size: int, status: int) -> None:
    upload = {"document": ("cause.pdf", b"x" * size)}
    page = desk.ask("POST", path(PROVIDERS), data={"action": "root_cause"}, files=upload)
    assert page.status_code == status
    assert len(desk.published) == (status == 200)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [(b"{}", "application/json"), (b"a=1&" * 50, "application/x-www-form-urlencoded"), (b"x", "multipart/form-data")],
    ids=["no form", "too many fields", "no boundary"],
)
def test_what_is_no_form_records_nothing(desk: Desk, body: bytes, content_type: str) -> None:
    page = desk.ask("POST", path(PROVIDERS), content=body, headers={"content-type": content_type})
    assert (page.status_code, "this is no form" in words(page)) == (422, True)
    assert desk.published == []


CLAIM = samples.notice(
    3, phase=Phase.PAUSED, reason="awaiting_customer", text="We wait for access.", source_incident_id="inc-0"
)
RULED = samples.notice(
    4, phase=Phase.PAUSED, speaker=Speaker.CUSTOMER, ruling="disputed", concerns=CLAIM.source_update_id, reason=None
)


def test_our_people_rule_on_a_claim_by_its_id(desk: Desk) -> None:
    desk.knows(samples.incident(0))
    desk.index(notices=lambda _: [samples.notice(0), CLAIM, RULED], communication=lambda _: None)
    page = desk.get(OURS)
    assert "pause : awaiting customer, said 4 May 09:34 UTC · disputed" in words(page)
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', page.text))
    assert desk.post(OURS, action="accept", **hidden).status_code == 200
    (said,) = desk.answers
    assert (said.claim, said.concerns, said.reason) == (Phase.PAUSED, "update-3", "awaiting_customer")


def test_our_people_rule_by_kind_and_reason_while_the_index_is_silent(desk: Desk) -> None:
    assert "The index does not answer" in words(desk.get(OURS))
    desk.post(OURS, action="reject", claim="excluded", reason="force majeure")
    (said,) = desk.answers
    assert (said.claim, said.concerns, said.reason) == (Phase.EXCLUDED, None, "force_majeure")
    assert (said.identity, said.channel) == (Identity.VERIFIED_LINK, "link")


def test_a_token_can_not_be_used_to_fill_the_topic(desk: Desk) -> None:
    codes = [desk.get(PROVIDERS).status_code for _ in range(31)]
    assert codes == [200] * 30 + [429]
    assert desk.get(OURS).status_code == 200, "another token is another door"


def test_forms_may_post_here_and_nowhere_else(desk: Desk) -> None:
    headers = desk.get(PROVIDERS).headers
    assert "form-action 'self'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert "form-action 'none'" in desk.ask("GET", "/healthz").headers["content-security-policy"]


def test_what_people_write_is_text(desk: Desk) -> None:
    hostile = "<script>alert(1)</script>"
    page = desk.get(claims(recipient_name=hostile, services=(hostile,)))
    assert hostile not in page.text
    shown = desk.post(PROVIDERS, action="note", text=hostile)
    assert hostile not in shown.text
    assert html.escape(hostile) in shown.text


def test_a_feed_can_not_forge_an_answer(desk: Desk) -> None:
    headers = {"Authorization": "Bearer the-token-of-this-test"}
    pushed = desk.ask("POST", "/api/feeds/answers/answer", content=answer().to_wire(), headers=headers)
    assert (pushed.status_code, "reserved" in pushed.json()["detail"]) == (403, True)
    assert desk.published == []


def test_what_is_remembered_is_bounded_and_the_earlier_answer_counts() -> None:
    used = Used(remembered=2)
    entries = [effects(answer(answer_id=str(number))).communication for number in range(3)]
    for entry in entries:
        used.note(entry)
    assert [used.get(entry.communication_id) is None for entry in entries] == [True, False, False]
    later = entries[1].model_copy(update={"recorded_at": samples.later(60)})
    assert used.note(later) == entries[1]


def test_a_quiet_minute_opens_the_door_again() -> None:
    knocks = Knocks(at_most=2, within_s=60, tokens=2)
    assert [knocks.allows("a", at) for at in (0, 1, 2, 60, 60.5, 61)] == [True, True, False, True, False, True]
    assert all(knocks.allows(token, 62) for token in ("b", "c", "a", "a"))
