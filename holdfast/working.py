"""Puts the stream worker together: settings, dialects, documents, metrics. IO: starts Faust."""

import logging
import sys
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, start_http_server

from feeds import answers
from feeds.errors import PayloadError
from feeds.memory import FeedMemory
from feeds.reading import Problem
from feeds.series import FeedContext, follow
from holdfast import kafka
from holdfast.beating import Beat, service_name
from holdfast.settings import Settings, load
from models.answers import ANSWERS_FEED
from models.documents import Documents
from models.ids import stable_id
from models.raw import DeadLetter, RawPayload
from models.topics import Stream
from streams import engine, normalise
from streams.config import ENGINE, NORMALISER, StreamConfig, changelogs
from streams.documents import DocumentsReader
from streams.metrics import Metrics
from streams.normalise import Normalised
from streams.vitals import Vitals
from streams.worker import run

log = logging.getLogger("holdfast.worker")


def stream_config(settings: Settings) -> StreamConfig:
    """Return what the stream applications need of the settings."""
    return StreamConfig(
        kafka=settings.kafka,
        names=kafka.names(settings),
        clock=settings.clock,
        data_dir=settings.data_dir,
        instance=settings.instance,
        late_after=settings.late_after,
    )


def normalise_payload(memory: bytes | None, raw: RawPayload, documents: Documents) -> Normalised:
    """Read one payload with the dialects; see ``streams.normalise.Normalise``."""
    if raw.feed == ANSWERS_FEED:
        return _answered(memory, raw)
    known = documents.feed(raw.feed)
    if known is None:
        return Normalised((), (_unknown_feed(raw),), memory or FeedMemory().to_wire())
    provider, feed = known
    context = FeedContext(raw.feed, raw.format, feed.timezone, provider, documents)
    found = follow(_remembered(memory), raw, context)
    return Normalised(found.notices, found.problems, found.memory.to_wire())


def _answered(memory: bytes | None, raw: RawPayload) -> Normalised:
    """Read what people told us directly; the feed has no memory, what is told twice has the same ids."""
    memory = memory or FeedMemory().to_wire()
    try:
        told = answers.read(raw)
    except PayloadError as error:
        return Normalised((), _letters(raw, [(error.reason, error.detail)]), memory)
    return Normalised(told.notices, _letters(raw, told.problems), memory, told.decisions, told.communications)


def _letters(raw: RawPayload, problems: Iterable[Problem]) -> tuple[DeadLetter, ...]:
    """Return one dead letter for each reason: each holds the whole payload."""
    details: dict[str, list[str]] = {}
    for reason, detail in problems:
        details.setdefault(reason, []).append(detail)
    return tuple(
        raw.refused(stable_id(reason, raw.payload_id), reason, "; ".join(words)) for reason, words in details.items()
    )


def _remembered(memory: bytes | None) -> FeedMemory | None:
    """Read a feed's memory; one that this build can't read costs a repetition of known notices, not the feed."""
    if memory is None:
        return None
    try:
        return FeedMemory.from_wire(memory)
    except ValueError as error:
        log.warning("a feed's memory is begun anew: %s", error)
        return None


def _unknown_feed(raw: RawPayload) -> DeadLetter:
    """Keep a payload whose feed no document names: after ``holdfast apply`` it can be replayed."""
    detail = f"no Provider document names a feed {raw.feed!r}: apply one, then replay this letter"
    return raw.refused(stable_id("unknown_feed", raw.payload_id), "unknown_feed", detail)


def run_worker(stage: str) -> None:
    """Run the stages until a signal; exits the process.

    Args:
        stage: ``all``, ``normalise`` or ``track``.
    """
    settings = load()
    config = stream_config(settings)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    try:
        kafka.ensure_topics(settings, changelogs(config.names))
    except kafka.KafkaUnreachableError as error:
        sys.exit(str(error))
    registry = CollectorRegistry()
    documents = DocumentsReader(config)
    stages = []
    reads = {}
    if stage in ("all", "track"):
        metrics = Metrics("track", registry)
        stages.append((engine.build(config, documents, metrics), metrics))
        reads[ENGINE] = (Stream.LEDGER,)
    if stage in ("all", "normalise"):
        metrics = Metrics("normalise", registry)
        stages.append((normalise.build(config, normalise_payload, documents, metrics), metrics))
        reads[NORMALISER] = (Stream.RAW,)
    if settings.metrics_port:
        start_http_server(settings.metrics_port, addr="127.0.0.1", registry=registry)
    with Beat(settings, _beats_as(stage, settings.instance), Vitals(stages).read, reads):
        run([app for app, _ in stages], settings.log_level, lambda: log.info("holdfast.worker ready"))


def _beats_as(stage: str, instance: str) -> str:
    """Return the name of this worker's heartbeat: stages that run apart are told apart."""
    return service_name("worker", instance if stage == "all" else f"{stage}-{instance}")
