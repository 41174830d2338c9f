"""What `holdfast doctor` asks the servers, here or elsewhere. IO: Kafka, Elasticsearch; changes nothing."""

import warnings
from collections.abc import Iterator
from typing import Any

from elasticsearch import ApiError, TransportError
from kafka.admin import KafkaAdminClient, OffsetSpec
from kafka.errors import KafkaError

from holdfast import kafka, search
from holdfast.settings import Settings
from holdfast.stack import ports, running
from holdfast.stack.checks import Finding, State, ok, problem
from models.topics import TOPICS, Stream

LAG_WORTH_A_NOTE = 1000
"""Records that a reader is behind before it is pointed out."""
BOOTSTRAP_TIMEOUT_MS = 5000
NOBODY = Finding("heartbeats", State.NOTE, "no service gives a sign of life; `holdfast up` starts them")


def servers(settings: Settings) -> Iterator[Finding]:
    """Yield findings on the broker, its topics and readers, and the cluster."""
    if ports.is_local(settings) and not ports.answers(*ports.kafka_address(settings)):
        yield _absent(settings, "kafka", settings.kafka)
    else:
        yield from broker(settings)
    if ports.is_local(settings) and not ports.answers(*ports.elasticsearch_address(settings)):
        yield _absent(settings, "elasticsearch", settings.elasticsearch)
    else:
        yield elasticsearch(settings)


def _absent(settings: Settings, check: str, address: str) -> Finding:
    if running.find(settings.data_dir) is None:
        return Finding(check, State.NOTE, f"not running at {address}; `holdfast up` starts it")
    log = settings.data_dir / "logs" / f"{check}.log"
    return problem(check, f"`holdfast up` runs, but nothing answers at {address}", f"wait a moment, then read {log}")


def broker(settings: Settings) -> Iterator[Finding]:
    """Yield findings on the broker, the topics and how far its readers are behind."""
    try:
        admin = KafkaAdminClient(**kafka.options(settings), bootstrap_timeout_ms=BOOTSTRAP_TIMEOUT_MS)
    except KafkaError as error:
        yield problem(
            "kafka", f"no broker answers at {settings.kafka}: {error}", "check HOLDFAST_KAFKA and the network"
        )
        return
    try:
        yield ok("kafka", f"answers at {settings.kafka}")
        known = set(admin.list_topics())
        yield topics(settings, known)
        yield from lag(settings, admin)
        yield from heartbeats(settings) if kafka.names(settings).topic(Stream.HEARTBEATS) in known else (NOBODY,)
    except KafkaError as error:
        yield problem("kafka", f"{settings.kafka} answers with an error: {error}", "read the broker's log")
    finally:
        admin.close()


def topics(settings: Settings, known: set[str]) -> Finding:
    """Check that the installation's topics are there."""
    own = kafka.names(settings)
    gone = [name for topic in TOPICS if (name := own.topic(topic.stream)) not in known]
    if not gone:
        return ok("topics", f"{len(TOPICS)} of {len(TOPICS)} there")
    if len(gone) == len(TOPICS):
        return Finding(
            "topics", State.NOTE, f"none with the prefix {settings.prefix}; the first `holdfast up` creates them"
        )
    return problem("topics", f"missing: {', '.join(gone)}", "start `holdfast up` or any service: it creates them")


def lag(settings: Settings, admin: Any) -> Iterator[Finding]:
    """Yield how many records each reader of this installation is behind."""
    groups = sorted(group["group_id"] for group in admin.list_groups())
    for group in (name for name in groups if name.startswith(f"{settings.prefix}-")):
        committed = admin.list_group_offsets({group: None})[group]
        ends = admin.list_partition_offsets(dict.fromkeys(committed, OffsetSpec.LATEST)) if committed else {}
        behind = sum(max(ends[partition].offset - committed[partition].offset, 0) for partition in ends)
        state = State.OK if behind < LAG_WORTH_A_NOTE else State.NOTE
        yield Finding(f"reader {group}", state, f"{behind} records behind")


def heartbeats(settings: Settings) -> Iterator[Finding]:
    """Yield what the services' signs of life say; where none of them runs, only that."""
    from holdfast.watching import Watch, expected_services
    from models.watch import Severity, Trouble

    watch = Watch(settings, expected_services(settings))
    findings = watch.look(at_once=True).findings
    watch.close()
    silent = {one.service for one in findings if one.trouble is Trouble.SILENT}
    if silent >= {*watch.heard(), *expected_services(settings)}:
        yield NOBODY
    elif not findings:
        yield ok("heartbeats", f"{len(watch.heard())} services beat and get on")
    else:
        for one in findings:
            state = State.PROBLEM if one.severity is Severity.ALARM else State.NOTE
            yield Finding("heartbeats", state, one.words, one.next_step)


def elasticsearch(settings: Settings) -> Finding:
    """Check the cluster's health."""
    try:
        with warnings.catch_warnings(), search.client(settings) as client:
            warnings.simplefilter("ignore")  # the client's own advice on TLS is not a finding
            health = client.cluster.health()
    except (ApiError, TransportError) as error:
        return problem(
            "elasticsearch",
            f"no answer from {settings.elasticsearch}: {error}",
            "check HOLDFAST_ELASTICSEARCH, its credentials and the network",
        )
    message = f"{health['status']} at {settings.elasticsearch}, {health['active_shards']} shards"
    if health["status"] == "red":
        return problem("elasticsearch", message, "an index has lost a shard: `holdfast rebuild` makes it again")
    return ok("elasticsearch", message)
