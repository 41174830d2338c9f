"""The indexer as a process: killed in the middle of a bulk request, stopped, started again."""

from collections import Counter

import orjson
import pytest

from holdfast.settings import Settings
from tests.support import samples, topics
from tests.support.fault_proxy import HOLDS, FaultProxy
from tests.support.processes import Service

pytestmark = pytest.mark.live


def test_killed_in_the_middle_of_bulk_requests_every_document_is_there_once(installation: Settings) -> None:
    """Four kills, before and after the cluster has done the work: the next start goes on, nothing doubles."""
    notices = [samples.notice(number) for number in range(3000)]
    incidents = [samples.incident(number % 100, revision=1 + number // 100) for number in range(1000)]
    topics.publish(installation, [*notices, *incidents])
    with FaultProxy(installation.elasticsearch, [*HOLDS, *HOLDS]) as proxy:
        indexer = Service("index", installation, env={"HOLDFAST_ELASTICSEARCH": proxy.url})
        with indexer:
            for life in range(4):
                if life:
                    indexer.start()
                assert proxy.held.wait(180), "no bulk request came"
                indexer.kill9()
                proxy.held.clear()
            indexer.start()
            topics.wait_until(lambda: len(topics.sources(installation, "notices")) == len(notices))
            topics.wait_until(lambda: len(topics.sources(installation, "incidents")) == 100)
            assert indexer.stop() == 0
        assert proxy.plan == []
    stored = topics.sources(installation, "notices")
    assert Counter(map(len, stored.values())) == Counter({1: len(notices)})
    assert {key: one for key, (one,) in stored.items()} == {
        one.notice_id: orjson.loads(one.to_wire()) for one in notices
    }
    revisions = Counter(one["revision"] for (one,) in topics.sources(installation, "incidents").values())
    assert revisions == Counter({10: 100})


def test_stopped_while_the_cluster_is_away_it_ends_in_order_and_the_next_one_goes_on(installation: Settings) -> None:
    """An outage keeps nobody from restarting."""
    topics.publish(installation, [samples.notice(number) for number in range(100)])
    with FaultProxy(installation.elasticsearch, ["503"] * 1000) as proxy:
        with Service("index", installation, env={"HOLDFAST_ELASTICSEARCH": proxy.url}) as indexer:
            indexer.wait_ready("holdfast.index ready").wait_ready("elasticsearch trouble")
            assert indexer.stop() == 0
        assert "the batch under way is indexed by the next start" in indexer.log()
    with Service("index --once", installation) as again:
        assert again.wait() == 0
    assert topics.counts(installation, "notices") == Counter({1: 100})


def test_two_indexers_share_the_work_and_one_takes_over_from_the_other(installation: Settings) -> None:
    """A rebalance in the middle of the stream, by joining and by dying, loses nothing."""
    first = [samples.notice(number, provider=f"p{number % 20}") for number in range(1000)]
    second = [samples.notice(number, provider=f"p{number % 20}") for number in range(1000, 2000)]
    with Service("index", installation, instance="a") as one, Service("index", installation, instance="b") as two:
        one.wait_ready("holdfast.index ready")
        two.wait_ready("holdfast.index ready")
        topics.publish(installation, first)
        topics.wait_until(lambda: len(topics.sources(installation, "notices")) > 0)
        one.kill9()
        topics.publish(installation, second)
        topics.wait_until(lambda: len(topics.sources(installation, "notices")) == 2000)
    assert topics.counts(installation, "notices") == Counter({1: 2000})


def test_a_rebalance_while_the_cluster_is_away_loses_nothing(installation: Settings) -> None:
    """The group outlives the outage: one member dies meanwhile, the other takes its partitions and finishes."""
    notices = [samples.notice(number, provider=f"p{number % 20}") for number in range(500)]
    with FaultProxy(installation.elasticsearch, ["503"] * 10_000) as proxy:
        env = {"HOLDFAST_ELASTICSEARCH": proxy.url}
        with (
            Service("index", installation, instance="a", env=env) as one,
            Service("index", installation, instance="b", env=env) as two,
        ):
            topics.publish(installation, notices)
            one.wait_ready("elasticsearch trouble")
            two.wait_ready("elasticsearch trouble")
            one.kill9()
            proxy.plan.clear()
            topics.wait_until(lambda: len(topics.sources(installation, "notices")) == len(notices))
            assert two.stop() == 0
    assert topics.counts(installation, "notices") == Counter({1: len(notices)})
