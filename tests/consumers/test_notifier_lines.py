"""Order per person, failover, and messages that tell several pages, against a real broker and real receivers."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from consumers.channels import Channel, Options, Webhook
from consumers.courier import Limits
from consumers.notifier import Notifier
from holdfast import kafka
from holdfast.settings import Settings
from models.paging import Delivery, Fallback, Outcome, Page, PageKind
from models.topics import Stream
from tests.support import samples, topics
from tests.support.receivers import Request, WebhookReceiver

pytestmark = pytest.mark.live
LIMITS = Limits(attempts=2, first_pause_s=0.05, longest_pause_s=0.1)
STORM = "dwd/storm-1"


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as running:
        yield running


async def notify(settings: Settings, limits: Limits = LIMITS, timeout_s: float = 60.0) -> Notifier:
    """Deliver what is due now, over two channels of the same kind."""
    now = settings.clock.now
    channels: dict[str, Channel] = {
        name: Webhook(now, options=Options(timeout_s=timeout_s)) for name in ("webhook", "slack")
    }
    links = {"links": lambda page: f"https://holdfast.example/a/{page.page_id}"}
    notifier = Notifier(kafka.options(settings), kafka.names(settings), channels, settings.clock, limits, **links)
    await notifier.run(once=True)
    return notifier


def once(settings: Settings, limits: Limits = LIMITS, timeout_s: float = 60.0) -> None:
    asyncio.run(notify(settings, limits, timeout_s))


def ends(settings: Settings) -> dict[str, Delivery]:
    """Return each page's final delivery; a page has one at most."""
    found = [Delivery.from_wire(value) for value in topics.values(settings, Stream.DELIVERIES)]
    final = [one for one in found if one.outcome in (Outcome.SENT, Outcome.FAILED, Outcome.BUNDLED)]
    assert max(Counter(one.page_id for one in final).values(), default=1) == 1
    return {one.page_id: one for one in final}


def pages_of(settings: Settings, kind: PageKind = PageKind.BUNDLE) -> list[Page]:
    found = [Page.from_wire(value) for value in topics.values(settings, Stream.PAGES)]
    return [page for page in found if page.kind is kind]


def fallback(recipient: str, address: str, channel: Any = "webhook") -> Fallback:
    return Fallback(recipient=recipient, recipient_name=recipient.title(), channel=channel, address=address)


def test_a_persons_pages_come_in_their_order_and_nobody_waits_for_another(
    installation: Settings, receiver: WebhookReceiver
) -> None:
    """The first page is refused once: its second attempt comes before the next page of the same person and channel."""
    refused = []

    def answer(request: Request) -> tuple[int, dict[str, str]]:
        if request.path == "/pages" and not refused:
            refused.append(request)
            return 503, {}
        return 200, {}

    receiver.answer = answer
    one = [samples.page(number, address=receiver.url, recipient="one") for number in range(5)]
    other = samples.page(5, address=f"{receiver.url}/other", recipient="other")
    chat = samples.page(6, address=f"{receiver.url}/chat", recipient="one", channel="slack")
    topics.publish(installation, [*one, other, chat])
    once(installation, replace(LIMITS, first_pause_s=1.0, longest_pause_s=1.0))
    keys = [request.key for request in receiver.requests]
    ours = [key for key in keys if key not in (other.page_id, chat.page_id)]
    assert ours == [one[0].page_id, *(page.page_id for page in one)]
    second_attempt = len(keys) - 1 - keys[::-1].index(one[0].page_id)
    assert max(keys.index(other.page_id), keys.index(chat.page_id)) < second_attempt


def test_whoever_can_not_be_reached_is_stood_in_for_step_by_step(
    installation: Settings, receiver: WebhookReceiver
) -> None:
    """Refused for good, then a channel that is not set up, then one that takes it; each a page of its own."""
    receiver.answer = lambda request: (404 if request.path == "/pages" else 200, {})
    others = (fallback("deputy", "x", "sms"), fallback("boss", f"{receiver.url}/boss"))
    page = samples.page(address=receiver.url, fallbacks=others, rota="night")
    topics.publish(installation, [page])
    once(installation)
    refused, no_channel, taken = ends(installation).values()
    assert [one.outcome.value for one in (refused, no_channel, taken)] == ["failed", "failed", "sent"]
    assert (refused.failed_over_to, no_channel.failed_over_to) == (no_channel.page_id, taken.page_id)
    assert [one.recipient for one in (refused, no_channel, taken)] == ["duty", "deputy", "boss"]
    assert "channel sms is not set up here" in (no_channel.error or "")


def test_a_page_that_waits_too_long_behind_another_is_told_to_somebody_else(
    installation: Settings, receiver: WebhookReceiver
) -> None:
    """The one before it hangs; who has nobody else goes on waiting."""
    with WebhookReceiver() as hanging:
        hanging.open.clear()
        receiver.answer = lambda _: (hanging.open.set(), (200, {}))[1]  # only the page of the stand-in frees it
        stuck, alone = samples.page(0, address=hanging.url), samples.page(1, address=hanging.url)
        behind = samples.page(2, address=hanging.url, fallbacks=(fallback("boss", receiver.url),))
        topics.publish(installation, [stuck, alone, behind])
        once(installation, replace(LIMITS, patience_s=0.3), timeout_s=120.0)
        assert [request.key for request in hanging.requests] == [stuck.page_id, alone.page_id]
    found = ends(installation)
    assert found[behind.page_id].error == "waited 0.3 s behind other pages to duty by webhook"
    assert found[found[behind.page_id].failed_over_to or ""].outcome is Outcome.SENT
    assert {found[page.page_id].outcome for page in (stuck, alone)} == {Outcome.SENT}


def test_what_is_not_critical_is_not_tried_again_when_it_may_have_come(
    installation: Settings, receiver: WebhookReceiver
) -> None:
    """Nor is anybody told in its place."""
    receiver.answer = lambda _: None
    page = samples.page(address=receiver.url, critical=False, fallbacks=(fallback("boss", receiver.url),))
    topics.publish(installation, [page])
    once(installation)
    (last,) = ends(installation).values()
    assert (last.outcome, last.failed_over_to, len(receiver.requests)) == (Outcome.FAILED, None, 1)
    assert (last.error or "").startswith("unknown, not tried again: not critical")


def test_digest_hazard_and_quota_make_one_message_each_with_every_members_link(
    installation: Settings, receiver: WebhookReceiver
) -> None:
    """Each member is told by its bundle, and the bundle goes out as any page."""
    digest = [samples.page(n, address=receiver.url, recipient="a", digest_s=60.0) for n in range(3)]
    storm = [samples.page(n, address=receiver.url, recipient="b", hazard=STORM, provider=f"p{n}") for n in range(3, 6)]
    single = samples.page(6, address=receiver.url, recipient="c", digest_s=60.0)
    busy = [samples.page(n, address=receiver.url, recipient="d", quota_per_h=2, priority="p2") for n in range(7, 12)]
    topics.publish(installation, [*digest, *storm, single, *busy])
    once(installation)
    bundles = {bundle.recipient: bundle for bundle in pages_of(installation)}
    assert {name: len(bundle.members) for name, bundle in bundles.items()} == {"a": 3, "b": 3}
    found = ends(installation)
    assert {found[page.page_id].bundle_id for page in digest} == {bundles["a"].page_id}
    assert {found[page.page_id].outcome for page in (*digest, *storm)} == {Outcome.BUNDLED}
    assert bundles["b"].hazard == found[bundles["b"].page_id].hazard == STORM
    told = {bundle.page_id for bundle in bundles.values()} | {page.page_id for page in (single, *busy[:2])}
    assert Counter(request.key for request in receiver.requests) == Counter(told)
    assert all(f"/a/{page.page_id}" in bundles["a"].text for page in digest)
    assert not {page.page_id for page in busy[2:]} & set(found)


def test_held_pages_stay_on_the_topic_and_the_next_start_decides_again(
    installation: Settings, receiver: WebhookReceiver
) -> None:
    """The first run leaves them; their offsets are not committed, and what was sent past them is not sent again."""
    now = installation.clock.now()
    held = [samples.page(n, address=receiver.url, hazard=STORM, issued_at=now) for n in range(2)]
    fine = samples.page(9, address=receiver.url)
    topics.publish(installation, [*held, fine])
    once(installation, replace(LIMITS, gather_s=3600.0))
    assert [request.key for request in receiver.requests] == [fine.page_id]
    once(installation, replace(LIMITS, gather_s=0.0))
    (bundle,) = pages_of(installation)
    assert [request.key for request in receiver.requests] == [fine.page_id, bundle.page_id]
    once(installation)
    assert len(receiver.requests) == 2


def test_a_notifier_says_how_much_it_has_to_do(installation: Settings, receiver: WebhookReceiver) -> None:
    """Held pages do not count as waiting: nothing is late about them."""
    now = installation.clock.now()
    topics.publish(installation, [samples.page(0, address=receiver.url, hazard=STORM, issued_at=now)])
    notifier = asyncio.run(notify(installation, replace(LIMITS, gather_s=3600.0)))
    assert notifier.standing() == (0, 0.0)
