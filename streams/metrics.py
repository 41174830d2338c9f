"""What a worker tells Prometheus about itself. IO: none; the composition root serves the registry."""

from collections.abc import Callable, Iterable
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

AWAIT_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5, 30)


class Metrics:
    """Counters and gauges of one stage."""

    def __init__(self, stage: str, registry: CollectorRegistry) -> None:
        def name(what: str) -> str:
            return f"holdfast_{stage}_{what}"

        self.records = Counter(name("records"), "Records handled", registry=registry)
        self.outputs = Histogram(
            name("outputs_await_seconds"),
            "Until a batch's outputs are durable",
            buckets=AWAIT_BUCKETS,
            registry=registry,
        )
        self.state = Histogram(
            name("state_await_seconds"), "Until a batch's state is durable", buckets=AWAIT_BUCKETS, registry=registry
        )
        self.dead_letters = Counter(name("dead_letters"), "Sent to the dead letters", ["reason"], registry=registry)
        self.lag = Gauge(name("lag_records"), "Records in the topic not handled yet", registry=registry)
        self.overdue = Gauge(
            name("oldest_unfired_due_seconds"), "Age of the oldest instant that fell due unfired", registry=registry
        )
        self.waiting = Gauge(name("armed_wakes"), "Instants that are waited for", registry=registry)
        self.oldest_due_s: Callable[[], float] = lambda: 0.0
        """Set by the stage that keeps time; called from any thread."""
        self.armed_wakes: Callable[[], int] = lambda: 0
        """The same."""
        self.overdue.set_function(lambda: self.oldest_due_s())
        self.waiting.set_function(lambda: self.armed_wakes())

    def batch(self, records: int, *, outputs_s: float, state_s: float) -> None:
        """Note one durable batch; durations in real seconds."""
        self.records.inc(records)
        self.outputs.observe(outputs_s)
        self.state.observe(state_s)

    def handled(self, app: Any, message: Any, reasons: Iterable[str]) -> None:
        """Note how far a batch came, and why records of it were set aside.

        Args:
            app: the Faust app, which knows how far the broker is.
            message: the last one of the batch; the lag is that of its partition.
            reasons: of dead letters.
        """
        for reason in reasons:
            self.dead_letters.labels(reason).inc()
        highwater = app.consumer.highwater(message.tp)
        self.lag.set(max(0, int(highwater or 0) - int(message.offset) - 1))
