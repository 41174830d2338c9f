"""Kill -9 of a notifier at every step from taken to delivered: no page missing, none twice unsaid, the same ids."""

import asyncio
import sys
from collections import Counter
from collections.abc import Iterator

import pytest
from kafka.admin import KafkaAdminClient, NewTopic

from consumers.channels import Webhook
from consumers.courier import Limits
from consumers.notifier import Notifier
from holdfast import kafka
from holdfast.settings import Settings
from models.paging import Delivery, Fallback, Outcome, Page, PageKind
from models.topics import Stream
from tests.support import samples, topics
from tests.support.processes import Service
from tests.support.receivers import Request, WebhookReceiver

pytestmark = pytest.mark.live
LIMITS = Limits(attempts=3, first_pause_s=0.05, longest_pause_s=0.1)
MOMENTS = {
    "taken": "before sending",
    "begun": "after sending",
    "answered": "before sent",
    "recorded": "after sent",
    "stood-in-for": "before failed",
    "bundled": "before bundled",
    "half-recorded": "after bundled",
}
"""By name: when the notifier kills itself. The bundle, and the page that stands in, are on the topic by then."""


class Doomed(Service):
    """A notifier that kills itself."""

    def __init__(self, settings: Settings, moment: str) -> None:
        super().__init__("notify", settings, instance=moment.replace(" ", "-"))
        self._command = [sys.executable, "-m", "tests.support.doomed_notifier", *moment.split()]


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as running:
        running.answer = lambda request: (404 if request.path.endswith("gone") else 200, {})
        yield running


def place(installation: Settings, moment: str) -> Settings:
    """Return settings of a small installation of one moment's own, with one partition of each topic."""
    settings = installation.model_copy(update={"prefix": f"{installation.prefix}.{moment}"})
    names = [kafka.names(settings).topic(one) for one in (Stream.PAGES, Stream.DELIVERIES, Stream.DEAD_LETTERS)]
    admin = KafkaAdminClient(**kafka.options(settings))
    try:
        admin.create_topics([NewTopic(name, 1, 1) for name in names])
        admin.wait_for_topics(names, timeout_ms=kafka.TOPICS_READY_MS)
    finally:
        admin.close()
    return settings


def pages_for(moment: str, url: str) -> list[Page]:
    """Return what there is to tell at a moment."""
    if moment == "stood-in-for":
        boss = Fallback(recipient="boss", recipient_name="Boss", channel="webhook", address=url)
        return [samples.page(0, address=f"{url}/gone", fallbacks=(boss,))]
    if "bundled" in MOMENTS[moment]:
        return [samples.page(number, address=url, digest_s=60.0) for number in range(3)]
    return [samples.page(0, address=url)]


async def take_over(settings: Settings) -> None:
    """Bring everything to its end, when the broker has noticed that the other one is dead."""
    webhook = {"webhook": Webhook(settings.clock.now)}
    await Notifier(kafka.options(settings), kafka.names(settings), webhook, settings.clock, LIMITS).run(once=True)


async def take_over_all(places: dict[str, Settings]) -> None:
    await asyncio.gather(*(take_over(settings) for settings in places.values()))


def told(settings: Settings, page_id: str) -> list[str]:
    """Return what became of a page, in order: attempt, outcome, and whether it says that it may be a repeat."""
    found = [Delivery.from_wire(value) for value in topics.values(settings, Stream.DELIVERIES)]
    return [
        f"{one.attempt} {one.outcome.value}{' repeated' if one.repeated else ''}"
        for one in found
        if one.page_id == page_id
    ]


ONCE_MORE = ["1 sending", "1 unknown", "2 sending repeated", "2 sent repeated"]


def test_killed_at_every_step_no_page_is_missing_and_none_comes_twice_unsaid(
    installation: Settings, receiver: WebhookReceiver
) -> None:
    """Seven notifiers kill themselves, each at a moment of its own; then one comes for each."""
    places, urls = {}, {moment: f"{receiver.url}/{moment}" for moment in MOMENTS}
    for moment in MOMENTS:
        places[moment] = place(installation, moment)
        topics.publish(places[moment], pages_for(moment, urls[moment]))
    doomed = [Doomed(places[moment], MOMENTS[moment]).start() for moment in MOMENTS]
    assert [one.wait() for one in doomed] == [-9] * len(MOMENTS)
    asyncio.run(take_over_all(places))

    page_id = samples.page(0).page_id
    assert told(places["taken"], page_id) == ["1 sending", "1 sent"]
    assert told(places["begun"], page_id) == ONCE_MORE
    assert told(places["answered"], page_id) == ONCE_MORE
    assert told(places["recorded"], page_id) == ["1 sending", "1 sent"]
    got = {moment: [one for one in receiver.requests if f"/{moment}" in one.path] for moment in MOMENTS}
    marks = {moment: [one.repeated for one in got[moment]] for moment in MOMENTS}
    assert marks["taken"] == marks["recorded"] == [False]
    assert (marks["begun"], marks["answered"]) == ([True], [False, True])
    check_stand_in(places["stood-in-for"], page_id, got["stood-in-for"])
    for moment in ("bundled", "half-recorded"):
        check_bundle(places[moment], got[moment])


def check_stand_in(settings: Settings, page_id: str, requests: list[Request]) -> None:
    """The page that was refused is tried once more and says so; the one in its place is the same one."""
    assert told(settings, page_id) == ["1 sending", "1 unknown", "2 sending repeated", "2 failed repeated"]
    ids = {page.page_id for page in map(Page.from_wire, topics.values(settings, Stream.PAGES))} - {page_id}
    assert len(ids) == 1
    check_came([request for request in requests if not request.path.endswith("gone")], *ids)


def check_came(requests: list[Request], page_id: str) -> None:
    """Nothing but this page came, and if it was with the receiver already when the notifier died, it says so."""
    assert {request.key for request in requests} == {page_id}
    assert [request.repeated for request in requests] in ([False], [True], [False, True])


def check_bundle(settings: Settings, requests: list[Request]) -> None:
    """There is one bundle, and every member says so once, whichever of the two notifiers put it down."""
    pages = [Page.from_wire(value) for value in topics.values(settings, Stream.PAGES)]
    (bundle,) = [page for page in pages if page.kind is PageKind.BUNDLE]
    check_came(requests, bundle.page_id)
    found = [Delivery.from_wire(value) for value in topics.values(settings, Stream.DELIVERIES)]
    members = Counter((one.page_id, one.bundle_id) for one in found if one.outcome is Outcome.BUNDLED)
    assert members == Counter({(member, bundle.page_id): 1 for member in bundle.members})
    assert len(bundle.members) == 3
