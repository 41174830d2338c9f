"""The stages under poison and kills: nothing skipped, copies that change nothing, what is set aside comes back."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import reduce
from pathlib import Path
from typing import Any

import orjson
import pytest
from ruamel.yaml import YAML

from feeds.series import FeedContext, follow
from holdfast import kafka
from holdfast.settings import Settings
from holdfast.stack.supervise import environment
from models.documents import Documents, document_key, to_wire
from models.fact import Fact, fact_of, join
from models.notice import Notice
from models.raw import DeadLetter, RawPayload
from models.records import ClockDocument, IncidentDocument
from models.topics import HEADER_TYPE, Stream
from streams.config import changelogs
from tests.feeds import looks
from tests.support import fleet, topics
from tests.support.faults import READY, Kept, prepare
from tests.support.processes import Service

pytestmark = pytest.mark.live

T0 = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
LOOKS = 120
STATUSES = ("investigating", "identified", "monitoring", "resolved")


def look(feed: str, number: int) -> RawPayload:
    """Return what a page says at one look: a new incident every third, each a step further; some vanish unresolved."""
    told = []
    for begun in range(max(0, number - 12), number + 1, 3):
        if begun % 5 == 0 and number - begun > 6:
            continue  # the page stopped listing it
        steps = STATUSES[: 1 + (number - begun) // 3]
        updates = [looks.update(step, begun + 3 * place, id=f"{begun}-{step}") for place, step in enumerate(steps)]
        told.append(looks.incident(*updates, id=f"inc-{begun}", name=f"Incident {begun} of {feed}"))
    body = b"<html>Bad gateway</html>" if number % 17 == 16 else orjson.dumps(looks.summary(*told))
    received = T0 + timedelta(minutes=number)
    # every fourth look comes from a fetcher that just started, and can't tell when it looked before
    after = None if number % 4 == 0 else received - timedelta(minutes=1)
    return RawPayload(feed=feed, format="statuspage", body=body, received_at=received, received_after=after)


def expected(feeds: Iterable[str], documents: Documents) -> dict[str, set[bytes]]:
    """Return the notices that the dialects alone make of the looks, by id; one that came back is told again."""
    found: dict[str, set[bytes]] = {}
    for feed in feeds:
        memory = None
        for number in range(LOOKS):
            step = follow(memory, look(feed, number), FeedContext.of(feed, "statuspage", documents))
            memory = step.memory
            for one in step.notices:
                found.setdefault(one.notice_id, set()).add(one.to_wire())
    return found


def ledger(settings: Settings) -> dict[str, set[bytes]]:
    """Return what the ledger says under each notice's id, however many copies of it."""
    found: dict[str, set[bytes]] = {}
    for value in topics.values(settings, Stream.LEDGER):
        found.setdefault(Notice.from_wire(value).notice_id, set()).add(value)
    return found


def joined(said: Iterable[bytes]) -> Fact | None:
    """Return what copies of one notice come to.

    A worker killed before its first commit reads looks again, as late ones, and tells some notices once more with less
    known of them: the earliest and best known look counts.
    """
    return reduce(join, (fact_of(Notice.from_wire(value)) for value in said), None)


def fetch(settings: Settings, feeds: list[str]) -> None:
    """Publish the looks, as pollers do, over some seconds."""
    with kafka.Publisher(settings) as publisher:
        for number in range(LOOKS):
            for feed in feeds:
                publisher.send(Stream.RAW, feed, look(feed, number).to_wire())
            time.sleep(0.1)


def test_a_normaliser_killed_and_ended_mid_stream_skips_nothing(installation: Settings) -> None:
    documents = prepare(installation, 4)
    feeds = [f"p{number}-status" for number in range(4)]
    with Kept(Service("worker --stage normalise", installation)) as worker:
        worker.service.wait_ready(READY)
        fetching = threading.Thread(target=fetch, args=(installation, feeds))
        fetching.start()
        for _ in range(3):
            time.sleep(1.5)
            worker.kill9()
        assert worker.end() == 0, "asked to end, it ends in order"
        fetching.join()
        wanted = expected(feeds, documents)
        topics.wait_until(lambda: ledger(installation).keys() >= wanted.keys())
    found = ledger(installation)
    assert found.keys() == wanted.keys()
    assert {name for name, said in found.items() if joined(said) != joined(wanted[name])} == set()
    letters = {DeadLetter.from_wire(value).letter_id for value in topics.values(installation, Stream.DEAD_LETTERS)}
    assert len(letters) == len(feeds) * sum(1 for number in range(LOOKS) if number % 17 == 16)


def command(settings: Settings, *arguments: str) -> str:
    """Run a command of ours as people do; return what it says."""
    done = subprocess.run(
        [sys.executable, "-m", "holdfast", *arguments],
        env={**os.environ, **environment(settings)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def write(directory: Path, documents: Iterable[Any]) -> None:
    """Write documents as YAML files."""
    directory.mkdir(exist_ok=True)
    for document in documents:
        with (directory / f"{document_key(document).replace('/', '-')}.yaml").open("w") as file:
            YAML().dump(document.model_dump(mode="json", by_alias=True, exclude_none=True), file)


def incidents(settings: Settings) -> dict[str, IncidentDocument]:
    """Return the newest state of each incident, by the provider's own id."""
    every = map(IncidentDocument.from_wire, topics.values(settings, Stream.INCIDENTS))
    return {one.source_incident_id: one for one in every}


def test_poison_is_set_aside_and_comes_back_when_its_cause_is_gone(installation: Settings, tmp_path: Path) -> None:
    """Foreign bytes, odd stamps and a feed that no document names, in the middle of a stream through one worker."""
    kafka.ensure_topics(installation, changelogs(kafka.names(installation)))
    known, later = fleet.fleet(1), fleet.fleet(2)
    fleet.publish(installation, known)
    with Service("worker", installation) as worker:
        worker.wait_ready(READY)
        pid = worker.pid
        huge = b"\x00" * 14_000_000
        with kafka.Publisher(installation) as publisher:
            publisher.send(Stream.DOCUMENTS, "Agreement/p0-sla", b'{"kind": ["no", "text"]}')
            publisher.send(Stream.DOCUMENTS, "Provider/p0", b"{")
            for poison in (b"", b"\xff\x00", b"[]", b'{"specversion":"1.0"}', huge):
                publisher.send(Stream.RAW, "p0-status", poison)
                publisher.send(Stream.LEDGER, "p0", poison)
                publisher.send(Stream.LEDGER, "p0", poison, [(HEADER_TYPE, b"wake")])
            publisher.send(Stream.RAW, "p1-status", look("p1-status", 3).to_wire())
            publisher.send(Stream.RAW, "p0-status", look("p0-status", 3).to_wire())
        topics.wait_until(lambda: incidents(installation).keys() >= {"inc-0", "inc-3"})
        topics.wait_until(lambda: len(topics.values(installation, Stream.DEAD_LETTERS)) >= 5 + 10 + 1)
        letters = [DeadLetter.from_wire(value) for value in topics.values(installation, Stream.DEAD_LETTERS)]
        assert sorted({letter.reason for letter in letters}) == [
            "not_a_ledger_record",
            "not_an_envelope",
            "unknown_feed",
        ]
        assert len(letters) == 5 + 10 + 1
        kept = {letter.raw_bytes() for letter in letters}
        assert {b"", b"\xff\x00", b"[]", b'{"specversion":"1.0"}'} <= kept
        assert huge[: 8 * 1024 * 1024] in kept, "the beginning of what is too large for a letter"
        (unknown,) = (letter for letter in letters if letter.reason == "unknown_feed")
        assert unknown.raw_bytes() == look("p1-status", 3).body

        # the cause is mended: documents applied while the worker runs, then the letter tried again
        write(tmp_path / "documents", later)
        command(installation, "apply", str(tmp_path / "documents"))
        topics.wait_until(lambda: "documents changed, 5 in force" in worker.log())
        command(installation, "dead-letters", "replay", "--reason", "unknown_feed")
        topics.wait_until(lambda: "p1" in {one.provider for one in incidents(installation).values()})
        assert worker.pid == pid
        assert worker.stop() == 0
    clocks = [ClockDocument.from_wire(value) for value in topics.values(installation, Stream.CLOCKS)]
    assert {clock.agreement for clock in clocks} == {"p0-sla", "p1-sla"}, "the broken document left the good one"
    assert ledger_notices(installation, "p1") == {
        one.to_wire()
        for one in follow(None, look("p1-status", 3), FeedContext.of("p1-status", "statuspage", later)).notices
    }


def ledger_notices(settings: Settings, provider: str) -> set[bytes]:
    """Return a provider's notices on the ledger."""
    topic = kafka.names(settings).topic(Stream.LEDGER)
    return {
        record.value
        for record in kafka.read_all(settings, topic)
        if record.key == provider.encode() and dict(record.headers).get(HEADER_TYPE) == b"notice"
    }


def test_a_changed_agreement_counts_from_its_publication_on(installation: Settings) -> None:
    documents = prepare(installation, 1)
    with Service("worker", installation) as worker:
        worker.wait_ready(READY)
        agreement = documents.agreements["p0-sla"]
        changed = orjson.loads(to_wire(agreement).replace(b'"5s"', b'"7m"'))
        with kafka.Publisher(installation) as publisher:
            publisher.send(Stream.DOCUMENTS, document_key(agreement), to_wire(type(agreement).model_validate(changed)))
            publisher.flush()
            topics.wait_until(lambda: "documents changed, 3 in force" in worker.log())
            publisher.send(Stream.RAW, "p0-status", look("p0-status", 0).to_wire())
        topics.wait_until(lambda: acknowledge_targets(installation))
        assert acknowledge_targets(installation) == {420.0}


def acknowledge_targets(settings: Settings) -> set[float]:
    """Return the targets of the acknowledgement clocks told so far, in seconds."""
    clocks = [ClockDocument.from_wire(value) for value in topics.values(settings, Stream.CLOCKS)]
    return {clock.target_s for clock in clocks if clock.objective == "acknowledge"}
