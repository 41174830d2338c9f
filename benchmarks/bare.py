"""The yardstick: Faust with the durable batch of ``streams.batch`` and no domain in it. IO: Kafka, through Faust.

``python -m benchmarks.bare`` reads the ledger of the installation that the environment names, decodes each record as
JSON, counts per incident in a table, and sends ``BENCH_OUTPUTS`` records of ``BENCH_BYTES`` bytes for each. It runs
under the same worker, with the same settings and in the same batches as the engine.
"""

import os
from collections.abc import Sequence
from functools import partial
from typing import Any

import faust
import orjson
from prometheus_client import CollectorRegistry, start_http_server

from holdfast import kafka
from holdfast.settings import load
from holdfast.working import stream_config
from models.topics import Names, Stream, document_headers
from streams.batch import DurableBatch, Out, Put, Sentinel, consume
from streams.config import StreamConfig, make_app, raw_topic
from streams.metrics import Metrics
from streams.recovery import after_recovery
from streams.worker import run

APP = "bare"
TABLE = "counts"
READY = "bare ready"
OUTPUTS, SIZE = "BENCH_OUTPUTS", "BENCH_BYTES"


def topics(names: Names) -> tuple[tuple[str, int, bool], ...]:
    """Return (name, partitions, compacted) of the changelog and of the output topic."""
    return ((f"{names.group(APP)}-{TABLE}-changelog", 4, True), (out_topic(names), 4, False))


def out_topic(names: Names) -> str:
    """Return the name of the topic that the outputs go to."""
    return f"{names.prefix}.bare"


class Counter:
    """Counts records per incident; an offset in the row guards against replays. No I/O."""

    def __init__(self, config: StreamConfig, outputs: int, size: int) -> None:
        self._topic = out_topic(config.names)
        self._outputs = outputs
        self._filler = b"x" * size
        self._clock = config.clock

    def handle(self, messages: Sequence[Any], rows: dict[bytes, bytes]) -> tuple[list[Out], list[Put]]:
        """Return what a batch gives."""
        outs: list[Out] = []
        puts: dict[bytes, Put] = {}
        for message in messages:
            content = orjson.loads(message.value)
            key = f"{content['provider']}/{content['source_incident_id']}".encode()
            before = puts[key].value if key in puts else rows.get(key)
            state = orjson.loads(before) if before else {"off": -1, "n": 0}
            if message.offset <= state["off"]:
                continue
            count = state["n"] + 1
            puts[key] = Put(message.partition, key, orjson.dumps({"off": message.offset, "n": count}))
            headers = document_headers(content["notice_id"], version=count)
            value = self._filler or message.value
            outs += [Out(self._topic, message.key, value, headers, self._clock.now().timestamp())] * self._outputs
        return outs, list(puts.values())


def build(config: StreamConfig, counter: Counter, metrics: Metrics) -> faust.App:
    """Return the app; starting it is the caller's."""
    app = make_app(config, APP)
    topic = raw_topic(app, config.names.topic(Stream.LEDGER), 4)
    table = app.Table(TABLE, key_type=bytes, value_type=bytes, partitions=4)
    batch, sentinel = DurableBatch(app, table, metrics), Sentinel(app)

    @app.on_partitions_assigned.connect  # type: ignore[untyped-decorator]  # Faust is untyped
    async def assigned(*_: Any, **__: Any) -> None:
        sentinel.forget()

    after_recovery(app, table)

    async def handle(stream: Any, events: Sequence[Any]) -> None:
        messages = [event.message for event in events]
        await sentinel.check(messages)
        outs, puts = counter.handle(messages, table.data.data)
        await batch.commit(stream, events, outs, puts)

    @app.agent(topic, concurrency=1)  # type: ignore[untyped-decorator]
    async def count(stream: Any) -> None:
        await consume(stream, partial(handle, stream), APP)

    return app


def main() -> None:
    """Run until a signal; exits the process."""
    settings = load()
    config = stream_config(settings)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    kafka.ensure_topics(settings, topics(config.names))
    registry = CollectorRegistry()
    counter = Counter(config, int(os.environ.get(OUTPUTS, "1")), int(os.environ.get(SIZE, "0")))
    app = build(config, counter, Metrics(APP, registry))
    start_http_server(settings.metrics_port, addr="127.0.0.1", registry=registry)
    run([app], settings.log_level, lambda: print(READY, flush=True))


if __name__ == "__main__":
    main()
