"""The notifier against a real broker and real receivers: every page reaches people, and nothing twice unsaid."""

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from consumers.channels import Channel, Console, Mail, MailServer, Options, Webhook
from consumers.courier import Limits
from consumers.notifier import Notifier
from consumers.signature import verify
from holdfast import kafka
from holdfast.settings import Settings
from models.paging import Delivery, Outcome, Page
from models.raw import DeadLetter
from models.topics import Stream
from tests.support import samples, topics
from tests.support.processes import Service
from tests.support.receivers import MailReceiver, Request, WebhookReceiver

pytestmark = pytest.mark.live
PATIENT_S = 60.0
"""No answer here is late because a machine is busy."""
LIMITS = Limits(attempts=3, first_pause_s=0.05, longest_pause_s=0.1)


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as running:
        yield running


def notify_once(settings: Settings, mail_port: int = 25, limits: Limits = LIMITS) -> None:
    async def run() -> None:
        now = settings.clock.now
        mail = MailServer(port=mail_port, sender="h@example.org")
        channels: dict[str, Channel] = {
            "webhook": Webhook(now, options=Options(timeout_s=PATIENT_S)),
            "email": Mail(now, mail, Options(timeout_s=PATIENT_S)),
            "console": Console(),
        }
        await Notifier(kafka.options(settings), kafka.names(settings), channels, settings.clock, limits).run(once=True)

    asyncio.run(run())


def deliveries(settings: Settings) -> list[Delivery]:
    return [Delivery.from_wire(value) for value in topics.values(settings, Stream.DELIVERIES)]


def told(settings: Settings, page: Page) -> list[tuple[int, str]]:
    """Return attempts and outcomes of one page, in their order."""
    found = [one for one in deliveries(settings) if one.page_id == page.page_id]
    return [(one.attempt, one.outcome.value) for one in found]


def sent_pages(settings: Settings) -> set[str]:
    return {one.page_id for one in deliveries(settings) if one.outcome is Outcome.SENT}


def service(settings: Settings, receiver: WebhookReceiver, instance: str | None = None, **env: str) -> Service:
    options = {
        "HOLDFAST_WEBHOOK_URL": receiver.url,
        "HOLDFAST_PAGE_FIRST_PAUSE_S": "0.1",
        "HOLDFAST_PAGE_TIMEOUT_S": "120",
    }
    return Service("notify", settings, instance=instance, env={**options, **env})


def test_each_page_is_sent_once_and_its_attempt_is_on_record(installation: Settings, receiver: WebhookReceiver) -> None:
    """Duplicates on the topic and restarts send nothing again."""
    pages = [samples.page(number, address=receiver.url) for number in range(20)]
    topics.publish(installation, [*pages, *pages])
    notify_once(installation)
    topics.publish(installation, pages)
    notify_once(installation)
    assert Counter(request.key for request in receiver.requests) == Counter(page.page_id for page in pages)
    assert not any(request.repeated for request in receiver.requests)
    assert all(told(installation, page) == [(1, "sending"), (1, "sent")] for page in pages)


def test_the_record_says_who_when_and_how_long(installation: Settings, receiver: WebhookReceiver) -> None:
    """Deliveries are dated by the product's clock, which the demo runs faster; latency is real."""
    fast = installation.model_copy(update={"clock_text": "0.0|1990-01-01T00:00:00Z|1.5"})
    page = samples.page(address=receiver.url)
    topics.publish(installation, [page])
    before, began = fast.clock.now(), time.monotonic()
    notify_once(fast)
    real_ms = (time.monotonic() - began) * 1000
    sending, sent = deliveries(installation)
    assert before < sending.started_at <= sent.started_at <= sent.finished_at < fast.clock.now()
    assert (sent.provider, sent.incident_id, sent.recipient) == (page.provider, page.incident_id, page.recipient)
    assert (sent.status_code, sent.error, sent.repeated) == (200, None, False)
    assert 0 < sent.latency_ms <= real_ms
    assert len({sending.delivery_id, sent.delivery_id}) == 2


def test_a_receiver_that_recovers_gets_the_page(installation: Settings, receiver: WebhookReceiver) -> None:
    """503 is tried again under the same key; it did not take the page, so this is no repeat."""
    answers: list[Any] = [(503, {}), (429, {"Retry-After": "0"})]
    receiver.answer = lambda _: answers.pop(0) if answers else (200, {})
    page = samples.page(address=receiver.url)
    topics.publish(installation, [page])
    notify_once(installation)
    assert told(installation, page)[1::2] == [(1, "retrying"), (2, "retrying"), (3, "sent")]
    assert {request.key for request in receiver.requests} == {page.page_id}
    assert not any(request.repeated for request in receiver.requests)


def test_attempts_end_and_the_record_says_why(installation: Settings, receiver: WebhookReceiver) -> None:
    """Somebody has to be able to see that nobody was told."""
    receiver.answer = lambda _: (500, {})
    topics.publish(
        installation, [samples.page(0, address=receiver.url), samples.page(1), samples.page(2, channel="email")]
    )
    notify_once(installation)
    last = {one.page_id: one for one in deliveries(installation)}
    given_up, nowhere, nobody = (last[samples.page(number).page_id] for number in range(3))
    assert {given_up.outcome, nowhere.outcome, nobody.outcome} == {Outcome.FAILED}
    assert given_up.attempt == 3
    assert "given up after 3 attempts: 500" in (given_up.error or "")
    assert "HOLDFAST_WEBHOOK_URL" in (nowhere.error or "")
    assert "no usable e-mail address" in (nobody.error or "")


def test_an_answer_that_never_came_makes_the_next_attempt_a_repeat(
    installation: Settings, receiver: WebhookReceiver
) -> None:
    """The receiver may have acted: same key, same body, and marked."""
    answers: list[Any] = [None]
    receiver.answer = lambda _: answers.pop(0) if answers else (200, {})
    page = samples.page(address=receiver.url)
    topics.publish(installation, [page])
    notify_once(installation)
    assert told(installation, page) == [(1, "sending"), (1, "unknown"), (2, "sending"), (2, "sent")]
    assert [request.repeated for request in receiver.requests] == [False, True]
    assert deliveries(installation)[-1].repeated
    assert len({request.body for request in receiver.requests}) == 1


def test_mail_and_console_work_beside_webhooks(
    installation: Settings, receiver: WebhookReceiver, capfd: pytest.CaptureFixture[str]
) -> None:
    """One group serves all channels."""
    topics.publish(
        installation,
        [
            samples.page(0, address=receiver.url),
            samples.page(1, channel="email", address="duty@example.org"),
            samples.page(2, channel="console"),
        ],
    )
    with MailReceiver(["450 greylisted"]) as mail:
        notify_once(installation, mail.port)
    assert len(receiver.requests) == 1
    assert [message["Message-ID"] for message in mail.messages] == [f"<{samples.page(1).page_id}@example.org>"]
    assert "PAGE to Duty manager: nimbus: Mail is delayed" in capfd.readouterr().out


def test_a_receiver_that_hangs_holds_up_nobody_else(installation: Settings, receiver: WebhookReceiver) -> None:
    """More pages for the one that hangs than it may have at once, all of them before those for the other."""
    with WebhookReceiver() as hanging:
        hanging.open.clear()
        stuck = [samples.page(number, address=hanging.url, recipient=f"r{number}") for number in range(50)]
        fine = [samples.page(number, address=receiver.url, recipient=f"r{number}") for number in range(50, 60)]
        topics.publish(installation, [*stuck, *fine])
        with service(installation, receiver) as notifier:
            requests = receiver.wait_for(len(fine))
            assert {request.page_id for request in requests} == {page.page_id for page in fine}
            hanging.wait_for(1)
            assert len(hanging.requests) <= Limits().per_receiver
            hanging.open.set()
            hanging.wait_for(len(stuck))
            assert notifier.stop() == 0
        assert Counter(request.key for request in hanging.requests) == Counter(page.page_id for page in stuck)


def test_what_is_no_page_becomes_a_dead_letter_and_the_next_page_is_sent(
    installation: Settings, receiver: WebhookReceiver
) -> None:
    """Poison on the topic stops nobody from being told."""
    poison = [b"junk", b"{}", b"[]", orjson.dumps({"schema_version": 99})]
    for value in poison:
        topics.publish_raw(installation, Stream.PAGES, value, [])
    topics.publish(installation, [samples.page(address=receiver.url)])
    notify_once(installation)
    letters = [DeadLetter.from_wire(value) for value in topics.values(installation, Stream.DEAD_LETTERS)]
    assert sorted(letter.raw_bytes() for letter in letters) == sorted(poison)
    assert {(letter.stage, letter.reason) for letter in letters} == {("notify", "not_a_page")}
    assert len(receiver.requests) == 1


def test_killed_between_request_and_record_the_page_is_sent_again_and_says_so(
    installation: Settings, receiver: WebhookReceiver
) -> None:
    """Kill -9 while the receiver has the request: the outcome is unknown; pages sent before stay sent."""
    done = [samples.page(number) for number in range(5)]
    cut_off = samples.page(5)
    topics.publish(installation, done)
    with service(installation, receiver) as notifier:
        receiver.wait_for(len(done))
        topics.wait_until(lambda: all(told(installation, page)[-1:] == [(1, "sent")] for page in done))
        receiver.open.clear()
        topics.publish(installation, [cut_off])
        receiver.wait_for(len(done) + 1)
        notifier.kill9()
        receiver.open.set()
        notifier.start()
        requests = receiver.wait_for(len(done) + 2)
        topics.wait_until(lambda: told(installation, cut_off)[-1:] == [(2, "sent")])
        assert notifier.stop() == 0
    assert told(installation, cut_off) == [(1, "sending"), (1, "unknown"), (2, "sending"), (2, "sent")]
    assert [request.repeated for request in requests if request.key == cut_off.page_id] == [False, True]
    counts = Counter(request.key for request in receiver.requests)
    assert counts == Counter({**dict.fromkeys((page.page_id for page in done), 1), cut_off.page_id: 2})


def test_a_signed_webhook_from_the_service_can_be_checked(installation: Settings, receiver: WebhookReceiver) -> None:
    """The secret comes from the settings and is in no log."""
    topics.publish(installation, [samples.page()])
    secret = "an unguessable secret"
    with service(installation, receiver, HOLDFAST_WEBHOOK_SECRET=secret) as notifier:
        (request,) = receiver.wait_for(1)
        assert notifier.stop() == 0
    now = int(installation.clock.now().timestamp())
    verify(request.headers["holdfast-signature"], secret.encode(), request.body, now)
    assert secret not in notifier.log()
    assert "unsigned" not in notifier.log()


def test_stopped_in_the_middle_it_ends_its_attempt_and_the_next_one_goes_on(
    installation: Settings, receiver: WebhookReceiver
) -> None:
    """SIGTERM waits for the answer and puts it on record: no repeat. Pages that wait are left to the next start."""
    pages = [samples.page(number, recipient=f"r{number}") for number in range(10)]
    receiver.open.clear()
    topics.publish(installation, pages)
    with service(installation, receiver) as notifier:
        begun = len(receiver.wait_for(Limits().per_receiver))
        os.kill(notifier.pid, signal.SIGTERM)
        notifier.wait_ready("stopping")
        receiver.open.set()
        assert notifier.wait() == 0
    assert begun == len(receiver.requests)
    with service(installation, receiver):
        receiver.wait_for(len(pages))
        topics.wait_until(lambda: all(told(installation, page)[-1:] == [(1, "sent")] for page in pages))
    assert Counter(request.key for request in receiver.requests) == Counter(page.page_id for page in pages)


def test_two_notifiers_share_the_pages_and_none_is_sent_twice(
    installation: Settings, receiver: WebhookReceiver
) -> None:
    """Also while the second one joins in the middle of the stream, and while the first one leaves."""
    pages = [samples.page(number, recipient=f"r{number % 16}") for number in range(600)]

    def answer_slowly(_: Request) -> tuple[int, dict[str, str]]:
        time.sleep(0.02)
        return 200, {}

    receiver.answer = answer_slowly
    with service(installation, receiver, "a") as one, service(installation, receiver, "b") as two:
        one.stop()
        two.wait_ready("assigned partitions=[0, 1, 2, 3]")
        topics.publish(installation, pages[:300])
        receiver.wait_for(10)
        one.start()
        one.wait_ready("assigned partitions=")
        topics.publish(installation, pages[300:])
        receiver.wait_for(400)
        assert two.stop() == 0
        topics.wait_until(lambda: {page.page_id for page in pages} <= sent_pages(installation))
        assert one.stop() == 0
        assert "outcome=sent" in one.log()
        assert "outcome=sent" in two.log()
    assert Counter(request.key for request in receiver.requests) == Counter(page.page_id for page in pages)
    assert not any(request.repeated for request in receiver.requests)


def test_one_that_was_thought_dead_comes_back_and_sends_nothing_more(
    installation: Settings, receiver: WebhookReceiver
) -> None:
    """A frozen notifier loses its pages to another, which repeats the one in hand and says so; awake, it yields."""
    in_hand, waiting = samples.page(0), [samples.page(number) for number in range(1, 30)]
    with service(installation, receiver, "a") as frozen, service(installation, receiver, "b") as heir:
        heir.stop()
        frozen.wait_ready("assigned partitions=[0, 1, 2, 3]")
        receiver.open.clear()
        topics.publish(installation, [in_hand])
        receiver.wait_for(1)
        frozen.pause()
        topics.publish(installation, waiting)
        heir.start()
        heir.wait_ready("assigned partitions=[0, 1, 2, 3]")
        receiver.open.set()
        receiver.wait_for(len(waiting) + 2)
        frozen.resume()
        frozen.wait_ready("outcome=sent")
        last = samples.page(99)
        topics.publish(installation, [last])
        topics.wait_until(lambda: last.page_id in sent_pages(installation))
        assert (frozen.stop(), heir.stop()) == (0, 0)
    counts = Counter(request.key for request in receiver.requests)
    assert counts == Counter({in_hand.page_id: 2, **dict.fromkeys((page.page_id for page in [*waiting, last]), 1)})
    assert [request.repeated for request in receiver.requests if request.key == in_hand.page_id] == [False, True]
