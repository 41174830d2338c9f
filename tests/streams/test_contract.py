"""What ``streams`` relies on inside Faust 0.15.3, which its public API does not promise (ADR 0003).

When one of these fails after an upgrade, read ``streams/batch.py`` before anything else: records may be lost.
"""

import inspect
from importlib.metadata import version
from pathlib import Path

import faust
import pytest
from faust.stores.memory import Store
from faust.tables.recovery import Recovery
from faust.transport.consumer import Consumer

from holdfast.clock import Clock
from models.topics import Names
from streams.config import StreamConfig, changelogs, make_app, raw_topic


@pytest.fixture
def config(tmp_path: Path) -> StreamConfig:
    return StreamConfig("127.0.0.1:1", Names("t"), Clock.from_text(None), tmp_path)


def test_the_versions_are_the_ones_that_were_read() -> None:
    assert (version("faust-streaming"), version("mode-streaming"), version("aiokafka")) == ("0.15.3", "0.7.1", "0.14.0")


def test_the_stream_iterator_is_the_compiled_one() -> None:
    """The pure Python one acknowledges events of a generation that is over."""
    from faust import streams

    assert streams._CStreamIterator is not None


def test_a_table_sends_to_its_changelog_by_partition_and_tells_when_it_is_written() -> None:
    parameters = list(inspect.signature(faust.Table.send_changelog).parameters)
    assert parameters[1:6] == ["partition", "key", "value", "key_serializer", "value_serializer"]


def test_a_memory_store_keeps_rows_and_their_partitions_in_two_dicts(config: StreamConfig) -> None:
    app = make_app(config, "engine")
    table = app.Table("incidents", key_type=bytes, value_type=bytes, partitions=4)
    assert isinstance(table.data, Store)
    assert table.data.data == {}
    assert table.data._key_partition == {}


def test_rows_of_partitions_that_left_are_dropped_after_recovery() -> None:
    source = inspect.getsource(Store.on_recovery_completed)
    assert "_key_partition" in source
    assert "pop" in source


def test_recovery_forgets_offsets_of_partitions_that_left() -> None:
    assert "active_offsets.pop(tp" in inspect.getsource(Recovery.revoke)


def test_recovery_callbacks_run_after_every_rebalance() -> None:
    assert "call_recover_callbacks" in inspect.getsource(faust.Table.on_recovery_completed)


def test_a_consumer_knows_the_committed_offset_of_each_partition() -> None:
    assert "_committed_offset" in Consumer.__annotations__


def test_the_producer_takes_topic_key_value_partition_timestamp_headers() -> None:
    from faust.transport.drivers.aiokafka import Producer

    parameters = list(inspect.signature(Producer.send).parameters)
    assert parameters[1:7] == ["topic", "key", "value", "partition", "timestamp", "headers"]


def test_apps_open_no_port_declare_no_topic_and_process_at_least_once(config: StreamConfig) -> None:
    conf = make_app(config, "engine").conf
    assert conf.web_enabled is False
    assert conf.topic_allow_declare is False
    assert conf.processing_guarantee.value == "at_least_once"
    assert conf.table_standby_replicas == 0
    assert conf.stream_wait_empty is True, "a batch in flight ends before its partition goes to another worker"


def test_changelogs_have_the_names_that_faust_will_look_for(config: StreamConfig) -> None:
    app = make_app(config, "engine")
    table = app.Table("incidents", key_type=bytes, value_type=bytes, partitions=4)
    assert table.changelog_topic_name in {name for name, _, _ in changelogs(config.names)}


def test_a_topic_hands_out_bytes_undecoded(config: StreamConfig) -> None:
    topic = raw_topic(make_app(config, "engine"), "t.ledger", 4)
    assert (topic.key_serializer, topic.value_serializer) == ("raw", "raw")
