"""What the consumers count, for Prometheus. Each object has a registry of its own; nothing is global.

IO: none until ``serve``, which listens on loopback.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server


class Metrics:
    """A registry that can be served."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()

    def serve(self, port: int) -> None:
        """Serve on loopback from a background thread; port 0 is off.

        Raises:
            OSError: if the port is taken.
        """
        if port:
            start_http_server(port, addr="127.0.0.1", registry=self.registry)


class IndexerMetrics(Metrics):
    """Of the indexer."""

    def __init__(self) -> None:
        super().__init__()
        self.indexed = Counter(
            "holdfast_index_documents", "Documents stored, or already there.", registry=self.registry
        )
        self.retries = Counter(
            "holdfast_index_retries", "Documents sent again after trouble of the cluster.", registry=self.registry
        )
        self.dead_letters = Counter(
            "holdfast_index_dead_letters", "Records that can't be indexed.", ["reason"], registry=self.registry
        )
        self.lag = Gauge(
            "holdfast_index_lag_records", "Records not yet indexed.", ["topic", "partition"], registry=self.registry
        )
        self.batch_seconds = Histogram(
            "holdfast_index_batch_seconds", "From poll to acknowledged bulk.", registry=self.registry
        )


class NotifierMetrics(Metrics):
    """Of the notifier."""

    def __init__(self) -> None:
        super().__init__()
        self.attempts = Counter(
            "holdfast_notify_attempts", "Attempts to deliver a page.", ["channel", "outcome"], registry=self.registry
        )
        self.in_flight = Gauge(
            "holdfast_notify_pages_in_flight", "Pages taken and neither delivered nor held.", registry=self.registry
        )
        self.held = Gauge(
            "holdfast_notify_held_pages", "Pages that wait to be told later.", ["reason"], registry=self.registry
        )
        self.bundles = Counter(
            "holdfast_notify_bundles", "Messages that tell several pages.", ["reason"], registry=self.registry
        )
        self.failovers = Counter(
            "holdfast_notify_failovers", "Pages in whose place somebody else is told.", registry=self.registry
        )
        self.outbox_age = Gauge(
            "holdfast_notify_outbox_age_seconds",
            "Age of the oldest page that is neither delivered nor held.",
            registry=self.registry,
        )
        self.attempt_seconds = Histogram(
            "holdfast_notify_attempt_seconds", "Real seconds of one attempt.", ["channel"], registry=self.registry
        )


class WatchMetrics(Metrics):
    """Of the watcher."""

    def __init__(self) -> None:
        super().__init__()
        self.well = Gauge(
            "holdfast_watch_well",
            "1 while nothing keeps pages from people and all services beat.",
            registry=self.registry,
        )
        self.findings = Gauge(
            "holdfast_watch_findings", "What is wrong now.", ["trouble", "severity"], registry=self.registry
        )
        self.silent_s = Gauge(
            "holdfast_watch_silent_seconds",
            "Since the last heartbeat of a service.",
            ["service"],
            registry=self.registry,
        )
        self.calls = Counter("holdfast_watch_deadman_calls", "Dead-man calls.", ["outcome"], registry=self.registry)


class MailboxMetrics(Metrics):
    """Of the mailbox."""

    def __init__(self) -> None:
        super().__init__()
        self.mails = Counter(
            "holdfast_mailbox_mails",
            "Mails and recipients by what became of them.",
            ["outcome"],
            registry=self.registry,
        )
        self.pages = Gauge("holdfast_mailbox_pages_known", "Pages that can be answered.", registry=self.registry)
