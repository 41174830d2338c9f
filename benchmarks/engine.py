"""``engine``: notices per second through ``holdfast worker --stage track``, against the bare durable batch.

Each round fills a ledger of its own before a worker starts, then watches the worker's counter of durable records until
all are done. The first of them counts as the begin, so starting up does not count. Contenders alternate on one stack.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks import bare
from benchmarks.fold import Parts, take_apart
from benchmarks.load import HISTORY_BEGIN, MIXES, working_documents
from benchmarks.place import Place
from benchmarks.report import Figure, Report, spread
from benchmarks.service import Service, holdfast, running
from benchmarks.topics import Writer, clock_before, prepare
from holdfast import kafka
from holdfast.settings import Settings
from models.notice import Notice

AIM = ">= 0.7"
POLL_S = 0.1


@dataclass(frozen=True)
class Contender:
    """A worker under test."""

    name: str
    counter: str
    service: Callable[[Settings], Service]
    notices: Sequence[Notice]


def through(place: Place, one: Contender) -> float:
    """Return the records per second of one round."""
    with place.installation(clock_text=clock_before(HISTORY_BEGIN)) as settings:
        prepare(settings, working_documents())
        kafka.ensure_topics(settings, bare.topics(kafka.names(settings)))
        with Writer(settings) as writer:
            writer.notices(one.notices)
        service = one.service(settings)
        with running(service):
            return _drain(service, one.counter, len(one.notices))


def _drain(service: Service, counter: str, count: int) -> float:
    """Watch a counter from its first movement to the end; return what it gained per second.

    The first batch is left out, unless everything was in it.
    """
    began, first = (time.monotonic(), 0.0), 0.0
    while True:
        done, now = service.counter(counter), time.monotonic()
        if done and not first:
            first = done
            began = (now, done) if done < count else began
        if done >= count:
            return (done - began[1]) / (now - began[0])
        time.sleep(POLL_S)


def _engine(settings: Settings) -> Service:
    return holdfast(settings, "worker", "--stage", "track")


def _bare(outputs: int, size: int) -> Callable[[Settings], Service]:
    env = {bare.OUTPUTS: str(outputs), bare.SIZE: str(size)}
    return lambda settings: Service(settings, ["-m", "benchmarks.bare"], bare.READY, env=env)


def measure(place: Place, count: int, rounds: int) -> Report:
    """Measure both mixes.

    Args:
        place: the servers.
        count: notices per round of the engine; the bare batch gets more of them, to take as long.
        rounds: of each contender.
    """
    report = Report("engine", "the broker, an idle Elasticsearch, this reader of a counter")
    for mix, make in MIXES.items():
        parts = take_apart(make(min(count, 2000)))
        contenders = _contenders(make, count, parts)
        found: dict[str, list[float]] = {one.name: [] for one in contenders}
        for _ in range(rounds):
            for one in contenders:
                found[one.name].append(through(place, one))
        _tell(report, mix, contenders, found, parts)
    report.notes += [
        "Nothing of the clock is in these figures: the product's clock stands before the history, no timer fires.",
        "The bare batch of n outputs sends as many records, of the same size, as the engine does for each notice.",
    ]
    return report


def _contenders(make: Callable[[int], list[Notice]], count: int, parts: Parts) -> list[Contender]:
    outputs, size = round(parts.outputs), round(parts.output_bytes)
    done = "holdfast_{}_records_total".format
    return [
        Contender("engine", done("track"), _engine, make(count)),
        Contender("bare, 1 output", done("bare"), _bare(1, 0), make(count * 6)),
        Contender(f"bare, {outputs} outputs", done("bare"), _bare(outputs, size), make(count * 2)),
    ]


def _tell(
    report: Report, mix: str, contenders: Sequence[Contender], found: dict[str, list[float]], parts: Parts
) -> None:
    engine, *others = (found[one.name] for one in contenders)
    names = [one.name for one in contenders[1:]]
    for name, other in zip(names, others, strict=True):
        ratios = [ours / theirs for ours, theirs in zip(engine, other, strict=True)]
        report.ratios.append(spread(f"{mix}: engine over {name}", ratios, "", aim=AIM, note="notices per second"))
    for one in contenders:
        note = f"{len(one.notices)} notices a round"
        report.figures.append(spread(f"{mix}: {one.name}", found[one.name], "notices/s", note=note))
    sent = [value * (1 + parts.outputs) for value in engine]
    report.figures.append(spread(f"{mix}: engine, records in and out", sent, "records/s"))
    whole = 1e6 / median(engine)
    shares = {"decode": parts.decode_us, "fold": parts.fold_us, "encode": parts.encode_us, "rows": parts.rows_us}
    shares["send, await, Faust"] = whole - parts.total_us
    for name, us in shares.items():
        note = f"{us / whole:.0%} of {whole:.0f} us a notice"
        report.figures.append(Figure(f"{mix}: share of {name}", us, "us", len(engine), note=note))
