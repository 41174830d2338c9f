"""The board's own measures, in a registry of its own so that two boards in one process do not meet. Pure set-up."""

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from board.live import SOURCES, Live


class Metrics:
    """Prometheus metrics of one board."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.received = Counter(
            "holdfast_board_payloads_received", "Payloads pushed and confirmed by the broker.", ["feed"],
            registry=self.registry,
        )  # fmt: skip
        self._incidents = Gauge(
            "holdfast_board_incidents", "Open incidents by the state of their worst clock.", ["state"],
            registry=self.registry,
        )  # fmt: skip
        self._viewers = Gauge("holdfast_board_viewers", "Pages that follow the live events.", registry=self.registry)
        self._up = Gauge("holdfast_board_source_up", "1 while the source answers.", ["source"], registry=self.registry)
        self._read = Gauge(
            "holdfast_board_records_read", "Records read since start, by topic.", ["topic"], registry=self.registry
        )

    def text(self, live: Live) -> bytes:
        """Return the exposition of the board as it is now."""
        summary = live.summary
        self._incidents.labels(state="open").set(summary.open)
        self._incidents.labels(state="overdue").set(summary.overdue)
        self._incidents.labels(state="at_risk").set(summary.at_risk)
        self._incidents.labels(state="breached").set(summary.breached)
        self._viewers.set(live.viewers)
        for source in SOURCES:
            self._up.labels(source=source).set(live.check(source).trouble is None)
        for topic, count in live.tail.counts.items():
            self._read.labels(topic=topic).set(count)
        return generate_latest(self.registry)
