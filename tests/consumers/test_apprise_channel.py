"""Pages through apprise, and by it text messages: over its real plugins to real receivers."""

import logging
from collections.abc import Iterator
from io import StringIO

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.channels import Apprise, Options, Result, Sms
from consumers.channels.sms import LINE, fits, text
from models.paging import Outcome, Page
from tests.support import samples
from tests.support.attempts import LINKS, answerable, attempt, closed_port
from tests.support.receivers import MailReceiver, WebhookReceiver


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as running:
        yield running


@pytest.fixture
def service_log() -> Iterator[StringIO]:
    """What a service's log would have at DEBUG; not caplog, which listens to every logger by itself."""
    stream = StringIO()
    handler, root = logging.StreamHandler(stream), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)


def address(receiver: WebhookReceiver, path: str = "/hunter2secret") -> str:
    return receiver.url.replace("http://", "json://user:passw0rd@").replace("/pages", path)


def tell(url: str, page: Page | None = None, **options: object) -> Result:
    channel = Apprise(Options(timeout_s=20, links=LINKS, **options))  # type: ignore[arg-type]  # by name
    return attempt(channel, (page or answerable()).model_copy(update={"address": url}))


def test_a_page_goes_out_whole(receiver: WebhookReceiver) -> None:
    assert tell(address(receiver)) == Result(Outcome.SENT)
    told = orjson.loads(receiver.requests[0].body)
    assert told["title"] == "nimbus: Mail is delayed"
    for words in (samples.page().text, str(LINKS.answer_url(answerable())), "Why: 75% of restore target"):
        assert words in told["message"]


@pytest.mark.parametrize("status", [400, 401, 429, 500, 503])
def test_a_refusal_is_unknown_and_its_reason_told(status: int, receiver: WebhookReceiver) -> None:
    """The library says false, whatever happened; what it logs is the reason."""
    receiver.answer = lambda _: (status, {})
    result = tell(address(receiver))
    assert result.outcome is Outcome.UNKNOWN
    assert f"error={status}" in (result.error or "")


def test_a_receiver_that_is_not_there_does_not_have_the_page() -> None:
    """The log says that nothing was connected: worth another try, and no repeat."""
    result = tell(f"json://127.0.0.1:{closed_port()}/hunter2secret")
    assert result.outcome is Outcome.RETRYING
    assert "hunter2" not in (result.error or "")


def test_a_page_that_speaks_of_refused_connections_is_not_mistaken_for_one(receiver: WebhookReceiver) -> None:
    """The log quotes the message too."""
    receiver.answer = lambda _: None
    page = answerable(title="Connection refused", text="Socket Exception: NewConnectionError")
    assert tell(address(receiver), page).outcome is Outcome.UNKNOWN
    receiver.answer = lambda _: (500, {})
    assert tell(address(receiver), page).outcome is Outcome.UNKNOWN


def test_a_receiver_that_hangs_is_unknown_within_the_time(receiver: WebhookReceiver) -> None:
    receiver.open.clear()
    channel = Apprise(Options(timeout_s=2.0))
    result = attempt(channel, samples.page(address=address(receiver)))
    assert result.outcome is Outcome.UNKNOWN
    assert len(receiver.requests) == 1


def test_a_mail_server_through_apprise_gets_it() -> None:
    """Another of its plugins, over another real protocol."""
    with MailReceiver() as mail:
        url = f"mailto://127.0.0.1:{mail.port}?from=h@example.org&to=duty@example.org&mode=insecure"
        assert tell(url).outcome is Outcome.SENT
    assert mail.recipients == [["duty@example.org"]]


def test_several_receivers_in_one_address_are_unknown_as_a_whole() -> None:
    """One may have it while another was never connected."""
    port = closed_port()
    url = f"mailto://127.0.0.1:{port}?from=h@example.org&to=a@example.org,b@example.org&mode=insecure"
    assert tell(url).outcome is Outcome.UNKNOWN
    assert tell(url.replace(",b@example.org", "")).outcome is Outcome.RETRYING


@pytest.mark.parametrize("url", ["nonsense://hunter2secret", "hunter2secret", "json://", "http://", ""])
def test_an_address_that_apprise_does_not_know_fails_untold(
    url: str, service_log: StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    """The library's own log quotes such an address whole: it goes nowhere."""
    result = tell("env:NAME", look_up={"NAME": url}.get)
    assert result.outcome is Outcome.FAILED
    assert "hunter2" not in (result.error or "") + service_log.getvalue() + "".join(capfd.readouterr())


@pytest.mark.parametrize("named", [True, False], ids=["in the environment", "written out"])
def test_no_secret_of_an_address_is_told_or_logged(
    named: bool, receiver: WebhookReceiver, service_log: StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    receiver.answer = lambda request: (403, {}, f"{request.path} {request.headers}".encode())
    url = address(receiver)
    result = tell("env:NAME" if named else url, look_up={"NAME": url}.get)
    told = (result.error or "") + repr(result) + service_log.getvalue() + "".join(capfd.readouterr())
    assert "hunter2" not in told
    assert "passw0rd" not in told
    assert len(receiver.requests) == 1


def test_attempts_at_once_have_their_own_reasons(receiver: WebhookReceiver) -> None:
    """The log is one for all; each line belongs to the attempt that caused it."""
    import asyncio

    from consumers.channels import Attempt

    receiver.answer = lambda request: (int(request.path.rpartition("/")[2]), {})
    statuses = [400, 401, 403, 404, 409, 410, 500, 503]

    async def all_at_once() -> list[Result]:
        channel = Apprise(Options(timeout_s=20))
        pages = [
            samples.page(number, address=address(receiver, f"/{status}")) for number, status in enumerate(statuses)
        ]
        return await asyncio.gather(*(channel.deliver(Attempt(page, 1, False)) for page in pages))

    for status, result in zip(statuses, asyncio.run(all_at_once()), strict=True):
        assert f"error={status}" in (result.error or "")
        assert (result.error or "").count("error=") == 1


def sms(receiver: WebhookReceiver, page: Page, template: str | None = None) -> Result:
    return attempt(Sms(Options(timeout_s=20, links=LINKS), template or address(receiver, "/{phone}")), page)


@pytest.mark.parametrize("phone", ["+491700000000", "+49 170 000-0000", "+49 (170) 0000000"])
def test_a_text_message_goes_to_the_number(phone: str, receiver: WebhookReceiver) -> None:
    assert sms(receiver, answerable(address=phone)).outcome is Outcome.SENT
    assert receiver.requests[0].path.replace("%2B", "+") == "/+491700000000"


@pytest.mark.parametrize("phone", [None, "", "duty@example.org", "+49/../x", "1", "+49170;echo", "+" + "1" * 40])
def test_what_is_no_number_fails(phone: str | None, receiver: WebhookReceiver) -> None:
    """It would become part of an address."""
    result = sms(receiver, answerable(address=phone))
    assert result.outcome is Outcome.FAILED
    assert receiver.requests == []


def test_without_a_service_there_are_no_text_messages_and_a_template_has_a_place_for_the_number() -> None:
    result = attempt(Sms(Options()), samples.page(address="+491700000000"))
    assert result.outcome is Outcome.FAILED
    assert "HOLDFAST_SMS_URL" in (result.error or "")
    with pytest.raises(ValueError, match="HOLDFAST_SMS_URL"):
        Sms(Options(), "twilio://sid:token@from/")


def test_neither_the_template_nor_a_number_from_the_environment_is_told(receiver: WebhookReceiver) -> None:
    receiver.answer = lambda request: (500, {}, request.path.encode())
    options = Options(timeout_s=20, look_up={"DUTY_PHONE": "+491701234567"}.get)
    channel = Sms(options, address(receiver, "/hunter2secret/{phone}"))
    result = attempt(channel, answerable(address="env:DUTY_PHONE"))
    assert result.outcome is Outcome.UNKNOWN
    for secret in ("hunter2", "passw0rd", "491701234567"):
        assert secret not in repr(result)


def test_the_link_comes_first_and_whole_and_words_follow(receiver: WebhookReceiver) -> None:
    page = answerable(address="+491700000000", title="[P1] nimbus mail: restore breached")
    sms(receiver, page)
    message = orjson.loads(receiver.requests[0].body)["message"]
    link, words = message.split("\n")
    assert link == LINKS.answer_url(page)
    assert words.startswith("[P1] nimbus mail: restore breached")


@given(st.text(), st.one_of(st.none(), st.just("https://holdfast.example/incidents/" + "a" * 32)))
def test_a_text_message_is_two_segments_at_most(words: str, link: str | None) -> None:
    message = text(link, words)
    assert fits(message)
    assert link is None or message.startswith(link)


@given(st.text(alphabet="abc ü€[]", min_size=1), st.integers(320, 900))
def test_a_link_that_fills_the_segments_leaves_room_for_one_line(words: str, length: int) -> None:
    link = "https://holdfast.example/a/" + "x" * length
    message = text(link, words)
    assert message.startswith(link)
    assert len(message) <= len(link) + 1 + LINE


@pytest.mark.parametrize(
    ("message", "one", "two"),
    [
        ("a" * 153, True, True), ("a" * 306, False, True), ("a" * 307, False, False),
        ("€" * 153, False, True), ("€" * 154, False, False),
        ("漢" * 67, True, True), ("漢" * 134, False, True), ("漢" * 135, False, False),
        ("🔥" * 67, False, True), ("🔥" * 68, False, False),
    ],
)  # fmt: skip
def test_segments_are_counted_as_they_are_paid(message: str, one: bool, two: bool) -> None:
    """GSM 03.38 and UCS-2, in parts of a longer message."""
    assert (fits(message, 1), fits(message, 2)) == (one, two)
