"""Ladders under faults: partitions that move while clocks run out, a policy that is edited, a clock that steps.

Each time: no page missing, none twice with one id. An independent reader compares with the pure core where it can.
"""

import signal
import time
from collections.abc import Iterable
from copy import deepcopy
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from holdfast import kafka
from holdfast.settings import Settings
from models.documents import Documents, document_key, to_wire, version_key
from models.ids import stable_id
from models.notice import Notice, Phase, Speaker
from models.paging import Page
from models.policy import EscalationPolicy
from models.topics import Stream
from tests.support import fleet, topics
from tests.support.doomed_worker import STEPS
from tests.support.faults import READY, Kept, expect, offer, prepare
from tests.support.processes import Service

pytestmark = pytest.mark.live

STEPPING = Path(__file__).parents[1] / "support" / "stepping"
CLOCKS = 200
HALF_S, WHOLE_S = 10, 20
"""When the rungs of a fleet are reached, after an incident's begin: half of its restore target, and all of it."""


def reported(numbers: Iterable[int], begun: datetime) -> list[Notice]:
    """Return the first word on each incident; all began at one instant."""
    return [
        Notice(
            notice_id=stable_id("fault", str(number)),
            source=f"p{number % 8}-status",
            source_incident_id=f"inc-{number}",
            source_update_id="first",
            speaker=Speaker.PROVIDER,
            phase=Phase.REPORTED,
            provider=f"p{number % 8}",
            services=("mail",),
            severity="major",
            title=f"Incident {number}",
            claimed_at=begun,
            published_at=begun,
            received_at=begun + timedelta(milliseconds=200, microseconds=number),
        )
        for number in numbers
    ]


def pages(settings: Settings) -> list[Page]:
    """Return every page record on the topic, copies too."""
    return [Page.from_wire(value) for value in topics.values(settings, Stream.PAGES)]


def told(settings: Settings) -> dict[tuple[str, str], set[str]]:
    """Return the ids of pages by incident and recipient."""
    found: dict[tuple[str, str], set[str]] = {}
    for page in pages(settings):
        found.setdefault((page.source_incident_id, page.recipient), set()).add(page.page_id)
    return found


def sleep_until(instant: datetime) -> None:
    """Wait for an instant of the wall clock."""
    time.sleep(max(0.0, (instant - fleet.now()).total_seconds()))


def test_two_workers_hand_partitions_over_while_two_hundred_clocks_run_out(installation: Settings) -> None:
    documents = prepare(installation, 8)
    patient = installation.model_copy(update={"late_after_s": 3600.0})  # a slow machine is not an outage of the tracker
    first, second = (Service("worker --stage track", patient, instance=name) for name in ("a", "b"))
    with Kept(first) as leaving:
        first.wait_ready(READY)
        begun = fleet.now()
        notices = reported(range(CLOCKS), begun)
        offer(installation, notices)
        sleep_until(begun + timedelta(seconds=HALF_S - 1))
        with Kept(second):  # joins as the first rungs fall due: partitions move
            second.wait_ready(READY)
            sleep_until(begun + timedelta(seconds=WHOLE_S - 0.5))
            leaving.end()  # leaves as the second ones do, and comes back
            found = expect(installation, notices, documents)
    assert len(found.pages) == 3 * CLOCKS
    assert {page["recipient"] for page in found.pages.values()} == {"noc", "duty", "boss"}


def test_a_worker_killed_at_every_step_from_due_to_paged_pages_everybody_once(installation: Settings) -> None:
    """Four workers die at four steps of batches with pages in them; the fifth ends what they began."""
    documents = prepare(installation, 8)
    patient = installation.model_copy(update={"late_after_s": 3600.0})
    begun = fleet.now()
    notices = [one for number in range(40) for one in reported([number], begun + timedelta(seconds=number * 0.4))]
    offer(installation, notices)
    for step in STEPS:
        doomed = Service(f"worker that dies {step}", patient, module=["tests.support.doomed_worker", step])
        with doomed:
            assert doomed.wait() == -signal.SIGKILL, doomed.log()
    with Kept(Service("worker --stage track", patient)) as worker:
        worker.service.wait_ready(READY)
        found = expect(installation, notices, documents)
    assert len(found.pages) == 3 * 40
    assert found.copies > 0, "a worker that dies after its outputs leaves copies, under the same ids"


def edited(documents: Documents) -> EscalationPolicy:
    """Return the fleet's policy with other people on it."""
    policy = deepcopy(documents.policies["major"].model_dump(mode="json", by_alias=True, exclude_none=True))
    for rung in policy["customer_ladder"]:
        rung["notify"] = ["boss"]
        rung["via"] = ["webhook"]
    return EscalationPolicy.model_validate(policy)


def publish(settings: Settings, policy: EscalationPolicy) -> None:
    """Put a policy in force, as ``holdfast apply`` does."""
    with kafka.Publisher(settings) as publisher:
        publisher.send(Stream.DOCUMENTS, version_key(policy), to_wire(policy))
        publisher.send(Stream.DOCUMENTS, document_key(policy), to_wire(policy))


def test_a_policy_edited_while_an_incident_lasts_changes_who_is_told_of_the_next_one_only(
    installation: Settings,
) -> None:
    documents = prepare(installation, 8)
    before, after = documents.policies["major"], edited(documents)
    publish(installation, before)
    patient = installation.model_copy(update={"late_after_s": 3600.0})
    with Kept(Service("worker --stage track", patient)) as worker:
        worker.service.wait_ready(READY)
        begun = fleet.now()
        offer(installation, reported(range(8), begun))
        topics.wait_until(lambda: len(topics.values(installation, Stream.PLANS)) >= 8)
        publish(installation, after)
        topics.wait_until(lambda: "documents changed" in worker.service.log().rpartition(READY)[2])
        worker.kill9()  # what is pinned is read back from the table, and its content from the documents
        later = fleet.now()
        offer(installation, reported(range(8, 16), later))
        topics.wait_until(lambda: len({page.page_id for page in pages(installation)}) == 16 * 3)
        sleep_until(later + timedelta(seconds=WHOLE_S + 2))
    by_version = {}
    for page in pages(installation):
        by_version.setdefault(page.policy_version, set()).add((page.source_incident_id, page.recipient, page.channel))
    assert by_version == {
        before.version: {(f"inc-{number}", who, how) for number in range(8) for who, how in PEOPLE_BEFORE},
        after.version: {(f"inc-{number}", who, how) for number in range(8, 16) for who, how in PEOPLE_AFTER},
    }


PEOPLE_BEFORE = (("noc", "webhook"), ("duty", "email"), ("boss", "email"))
LAST = {f"inc-{number}" for number in range(32, 36)}
PEOPLE_AFTER = (("boss", "webhook"), ("duty", "email"))


def test_a_clock_that_steps_an_hour_ahead_and_back_pages_everybody_once(installation: Settings, tmp_path: Path) -> None:
    """Ahead, both rungs are crossed at once: the higher one is paged, late. Back again, nobody is paged twice."""
    prepare(installation, 8)
    offset = tmp_path / "offset"
    offset.write_text("0")
    env = {"PYTHONPATH": str(STEPPING), "STEPPING_CLOCK_FILE": str(offset)}
    with Service("worker --stage track", installation, env=env) as worker:
        worker.wait_ready(READY)
        early = fleet.now()
        offer(installation, reported(range(16), early))
        topics.wait_until(lambda: len(topics.values(installation, Stream.PLANS)) >= 16)
        offset.write_text("3600")
        topics.wait_until(lambda: len(told(installation)) >= 16)
        offset.write_text("0")
        late = fleet.now()
        offer(installation, reported(range(16, 32), late))
        sleep_until(late + timedelta(seconds=WHOLE_S))
        topics.wait_until(lambda: len(told(installation)) >= 16 + 32)
        offset.write_text("-3600")
        time.sleep(2.0)
        offset.write_text("0")
        topics.wait_until(lambda: worker.running)
        last = fleet.now()
        offer(installation, reported(range(32, 36), last))
        topics.wait_until(lambda: len({who for who in told(installation) if who[0] in LAST}) >= 8)
        assert worker.stop() == 0
    found = told(installation)
    assert {name: len(ids) for name, ids in found.items() if len(ids) > 1} == {}
    stepped = {name for name, who in found if int(name.partition("-")[2]) < 16 and who == "boss"}
    assert len(stepped) == 16, "the highest rung is paged for each"
    assert all(page.late_s > 3000 for page in pages(installation) if page.source_incident_id in stepped)
