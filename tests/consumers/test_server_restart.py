"""The broker and the cluster go away under running consumers, and come back."""

from collections import Counter

import pytest

from holdfast import kafka
from holdfast.settings import Settings
from holdfast.stack.local import LocalStack
from tests.support import samples, topics
from tests.support.faults import Kept
from tests.support.processes import Service
from tests.support.receivers import WebhookReceiver

pytestmark = pytest.mark.live


def test_indexer_and_notifier_outlive_a_restart_of_both_servers(own_stack: LocalStack) -> None:
    """Whether they wait or are started again by their supervisor: everything arrives once."""
    settings: Settings = own_stack.settings
    kafka.ensure_topics(settings)
    notices = [samples.notice(number) for number in range(400)]
    pages = [samples.page(number) for number in range(20)]
    with WebhookReceiver() as receiver:
        env = {"HOLDFAST_WEBHOOK_URL": receiver.url}
        indexer, notifier = Service("index", settings, env=env), Service("notify", settings, env=env)
        with Kept(indexer, "holdfast.index ready"), Kept(notifier, "holdfast.notify ready"):
            topics.publish(settings, [*notices[:200], *pages[:10]])
            receiver.wait_for(10)
            topics.wait_until(lambda: len(topics.sources(settings, "notices")) == 200)
            own_stack.stop()
            own_stack.start()
            topics.publish(settings, [*notices[200:], *pages[10:]])
            receiver.wait_for(len(pages))
            topics.wait_until(lambda: len(topics.sources(settings, "notices")) == len(notices))
        assert (indexer.wait(), notifier.wait()) == (0, 0)
        assert Counter(request.key for request in receiver.requests) == Counter(page.page_id for page in pages)
    assert topics.counts(settings, "notices") == Counter({1: len(notices)})
