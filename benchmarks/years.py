"""``years``: a million notices of hundreds of providers: bulk indexing, size on disk, rebuild, panels and questions.

A part of the history is folded and kept, so that another run with the same directory goes on from there; the rest are
copies of it under other names. Then: the indexer against ``parallel_bulk``, in turns; all records on the topics and
``holdfast rebuild``; the index as it is and merged to one segment; ``holdfast analyse``; every panel and every named
question. IO: all of it.
"""

import os
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from elasticsearch import Elasticsearch

from benchmarks import years_bulk, years_direct, years_queries
from benchmarks.place import Place
from benchmarks.report import Figure, Report
from benchmarks.years_history import Kept
from benchmarks.years_queries import AIM_MS, Asked, Timed
from dashboards.templates import KINDS
from holdfast import kafka, search
from holdfast.sample import Shape, history
from holdfast.settings import Settings
from holdfast.stack.supervise import environment
from models.documents import Documents, document_key, to_wire
from models.instants import format_instant
from models.topics import Stream

CHARACTERS = 12
"""Providers that are folded: one of each character."""
NOTICES_AN_INCIDENT = 9.3
PART = 12_500
"""Notices that are folded."""
BULK = 100_000
SLOWEST = 12
"""Panels and questions told one by one."""
MEBIBYTE = 2**20


@dataclass(frozen=True)
class Extent:
    """How much of everything.

    Attributes:
        notices: in all, about.
        months: of history.
        copies: of each folded provider, itself among them.
        bulk: records in one round of the comparison.
        rounds: of the comparison.
        searches: of each panel and question.
    """

    notices: int
    months: int
    copies: int
    bulk: int
    rounds: int
    searches: int

    @classmethod
    def of(cls, notices: int, rounds: int, *, tiny: bool) -> "Extent":
        """Return the extent for about so many notices."""
        if tiny:
            return cls(notices, 1, 1, 200, 1, 1)
        return cls(notices, 36, max(1, notices // PART), min(BULK, notices), rounds, 20)

    @property
    def shape(self) -> Shape:
        """The history that is folded."""
        providers = CHARACTERS if self.months > 1 else 2
        incidents = self.notices / self.copies / (self.months * providers * NOTICES_AN_INCIDENT)
        return Shape(providers=providers, months=self.months, incidents_per_month=incidents)


def measure(place: Place, extent: Extent, keep: Path, *, direct: bool = False) -> Report:
    """Measure all of it.

    Args:
        place: the servers.
        extent: how much.
        keep: directory for what is folded.
        direct: whether to fill the index past the topics: quicker, and without the comparison and the rebuild.
    """
    report = Report("years", "the broker and the node; folding in advance on all cores")
    kept = Kept(keep, extent.shape)
    began = time.monotonic()
    folded = kept.make()
    _say(f"{folded} providers folded in {time.monotonic() - began:.0f} s")
    if not direct:
        bulk = years_bulk.compare(place, list(islice(kept.every(range(extent.copies)), extent.bulk)), extent.rounds)
        report.ratios += bulk.ratios
        report.figures += bulk.figures
    with place.installation() as settings:
        (_fill if direct else _rebuild)(report, settings, kept, extent)
        _ask(report, settings, kept, extent)
    report.notes.append(
        f"{CHARACTERS if extent.months > 1 else 2} providers are folded, {extent.copies - 1} copies of each have other "
        "names and ids, and the same times and texts: real ones compress less well."
    )
    return report


def _fill(report: Report, settings: Settings, kept: Kept, extent: Extent) -> None:
    """Fill the index past the topics."""
    began = time.monotonic()
    count = years_direct.fill(settings, kept, extent.copies)
    report.figures.append(Figure("documents, indexed past the topics", count, "", 1))
    _say(f"{count} documents indexed in {time.monotonic() - began:.0f} s")


def _rebuild(report: Report, settings: Settings, kept: Kept, extent: Extent) -> None:
    """Publish everything, and let the index be made from the topics."""
    began = time.monotonic()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        count = sum(pool.map(partial(_publish, settings, kept, extent.copies), kept.providers))
    _say(f"{count} records published in {time.monotonic() - began:.0f} s")
    rebuild = _run(settings, "rebuild", "--yes")
    report.figures += [
        Figure("records on the topics", count, "", 1),
        Figure("holdfast rebuild", rebuild, "s", 1, note=f"{count / rebuild:,.0f} documents/s"),
    ]


def _ask(report: Report, settings: Settings, kept: Kept, extent: Extent) -> None:
    """Weigh the index, compute what is derived, and ask every panel and question."""
    made, shape = history(kept.shape), kept.shape
    _publish_documents(settings, made.documents)
    with search.client(settings) as client:
        patient = client.options(request_timeout=600)
        _sizes(report, patient, settings)
        analysed = _run(settings, "analyse", "--as-of", format_instant(shape.end))
        report.figures.append(Figure("holdfast analyse", analysed, "s", 1))
        client.indices.refresh(index=f"{settings.prefix}-*")
        asked = Asked(patient, kafka.names(settings), shape.begin, shape.end, made.documents, extent.searches)
        _latencies(report, "panel", list(years_queries.panels(asked, of_all_time=False)))
        _latencies(report, "panel over all months", list(years_queries.panels(asked, of_all_time=True)))
        _latencies(report, "question", list(years_queries.questions(asked)))


def _publish(settings: Settings, kept: Kept, copies: int, provider: str) -> int:
    return years_bulk.publish(settings, kept.of(provider, range(copies)))


def _publish_documents(settings: Settings, documents: Documents) -> None:
    """Publish agreements and providers: those of the folded part; copies have none."""
    with kafka.Publisher(settings) as publisher:
        for one in documents:
            publisher.send(Stream.DOCUMENTS, document_key(one), to_wire(one))


def _run(settings: Settings, *command: str) -> float:
    """Run a command of ours to its end; return how many seconds it took.

    Raises:
        RuntimeError: if it fails.
    """
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "holdfast", *command],
        env={**os.environ, **environment(settings)},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"holdfast {command[0]}: {done.stderr[-2000:] or done.stdout[-2000:]}")
    return time.monotonic() - began


def _sizes(report: Report, client: Elasticsearch, settings: Settings) -> None:
    """Tell what the documents take on disk, as they are indexed and merged to one segment."""
    pattern = f"{settings.prefix}-*"
    client.indices.refresh(index=pattern)
    client.indices.flush(index=pattern)
    before = _by_kind(client, settings)
    began = time.monotonic()
    client.indices.forcemerge(index=pattern, max_num_segments=1)
    took = time.monotonic() - began
    after = _by_kind(client, settings)
    notices = before["notices"][0]
    for name, sizes in (("as indexed", before), ("merged to one segment", after)):
        whole = sum(size for _, size in sizes.values())
        report.figures.append(Figure(f"whole index, {name}", whole / MEBIBYTE, "MiB", 1))
        report.figures.append(
            Figure(f"bytes on disk for each notice, all kinds, {name}", whole / notices, "B", notices)
        )
    for kind, (count, size) in after.items():
        report.figures.append(Figure(f"bytes on disk of one of {kind}, merged", size / count, "B", count))
    report.figures.append(Figure("merging to one segment", took, "s", 1))


def _by_kind(client: Elasticsearch, settings: Settings) -> dict[str, tuple[int, int]]:
    """Return documents and bytes by kind, of those that have any."""
    found: dict[str, tuple[int, int]] = {}
    for kind in KINDS:
        pattern = f"{settings.prefix}-{kind}-*"
        stats: dict[str, Any] = client.indices.stats(index=pattern, metric="docs,store").body["_all"]["primaries"]
        if stats and stats["docs"]["count"]:
            found[kind] = (stats["docs"]["count"], stats["store"]["size_in_bytes"])
    return found


def _latencies(report: Report, what: str, timed: list[Timed]) -> None:
    """Tell the slowest, and how all of them lie."""
    if not timed:
        return
    slowest = sorted(timed, key=lambda one: one.p95, reverse=True)
    worst = [one.p95 for one in slowest]
    over = sum(one > AIM_MS for one in worst)
    aim = f"< {AIM_MS} ms"
    report.figures += [
        Figure(f"p95 of the slowest {what}", worst[0], "ms", len(timed), aim=aim, note=f"{over} of {len(timed)} above"),
        Figure(f"p95 of the {what} in the middle", worst[len(worst) // 2], "ms", len(timed)),
        *(one.figure() for one in slowest[:SLOWEST]),
        *(one.figure() for one in timed if one.note.startswith("not asked")),
    ]


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
