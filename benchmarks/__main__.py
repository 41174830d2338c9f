"""``python -m benchmarks NAME [--json]``: run one benchmark and print what it found. IO: all of it."""

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import orjson
from rich.console import Console

from benchmarks import report
from benchmarks.report import Report


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything."""

    notices: int
    rounds: int
    clocks: int
    dues: int
    over_s: float
    """Seconds over which things fall due or arrive."""
    history: int
    """Notices of ``years``."""
    keep: Path | None = None
    """Directory for what ``years`` folds."""
    direct: bool = False
    """Whether ``years`` fills the index past the topics."""


WIDTH = 150
"""Columns: a figure with its note in one line."""
FULL = Size(notices=4000, rounds=3, clocks=10_000, dues=300, over_s=60.0, history=1_000_000)
TINY = Size(notices=48, rounds=1, clocks=100, dues=6, over_s=3.0, history=60)


def fold(size: Size) -> Report:
    """What our own code costs per notice, without servers."""
    from benchmarks import fold as benchmark

    return benchmark.measure(size.notices, size.rounds)


def evaluate(size: Size) -> Report:
    """What measuring costs, against parsing the same bytes and a library of business hours; without servers."""
    from benchmarks import evaluate as benchmark

    return benchmark.measure(size.rounds, tiny=size.notices < FULL.notices)


def engine(size: Size) -> Report:
    """Notices per second through the engine, against the bare durable batch."""
    from benchmarks import engine as benchmark
    from benchmarks.place import place

    with place() as here:
        return benchmark.measure(here, size.notices, size.rounds)


def pipeline(size: Size) -> Report:
    """Raw payload to searchable in Elasticsearch: payloads and notices per second, each stage's share."""
    from benchmarks import pipeline as benchmark
    from benchmarks.place import place

    with place() as here:
        return benchmark.measure(here, size.notices, size.rounds)


def due(size: Size) -> Report:
    """Due instant to page record, with ten thousand running clocks."""
    from benchmarks import due as benchmark
    from benchmarks.place import place

    with place() as here:
        return benchmark.unhurried(
            partial(benchmark.measure, here, size.clocks), benchmark.Pace(size.dues, size.over_s)
        )


def webhook(size: Size) -> Report:
    """Raw payload, and due instant, to the webhook's receiver."""
    from benchmarks import webhook as benchmark
    from benchmarks.place import place

    with place() as here:
        return benchmark.measure(here, size.dues, size.over_s)


def ladders(size: Size) -> Report:
    """Due instant to delivered webhook with 10 000 and 100 000 running clocks; the heap after a restart."""
    from benchmarks import due
    from benchmarks import ladders as benchmark
    from benchmarks.place import place

    with place() as here:
        return due.unhurried(partial(benchmark.measure, here, size.clocks), due.Pace(size.dues, size.over_s))


def outbox(size: Size) -> Report:
    """Pages per second through the notifier, with one receiver hanging, against none."""
    from benchmarks import outbox as benchmark
    from benchmarks.place import place

    with place() as here:
        return benchmark.measure(here, size.notices // 4, size.rounds)


def crash(size: Size) -> Report:
    """How late a page comes when the worker is killed: restarted at once, and taken over by another."""
    from benchmarks import crash as benchmark
    from benchmarks.due import unhurried
    from benchmarks.place import place

    with place() as here:
        return unhurried(partial(benchmark.measure, here, size.rounds), benchmark.pace(size.over_s))


def memory(size: Size) -> Report:
    """Resident memory of each process, idle and after work."""
    from benchmarks import memory as benchmark
    from benchmarks.place import place

    with place() as here:
        return benchmark.measure(here, size.notices)


def years(size: Size) -> Report:
    """A million notices: indexing against parallel_bulk, size on disk, rebuild, p95 of every panel and question."""
    from benchmarks import years as benchmark
    from benchmarks.place import place

    extent = benchmark.Extent.of(size.history, size.rounds, tiny=size.notices < FULL.notices)
    with place() as here:
        return benchmark.measure(here, extent, size.keep or here.directory / "kept", direct=size.direct)


BENCHMARKS: dict[str, Callable[[Size], Report]] = {
    one.__name__: one for one in (engine, evaluate, fold, pipeline, due, webhook, outbox, ladders, crash, memory, years)
}


def main(arguments: list[str] | None = None) -> int:
    """Run one benchmark; return the exit code: 0 done, 1 it could not be measured, 2 usage."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Each benchmark starts real servers of its own, unless HOLDFAST_TEST_KAFKA and "
        "HOLDFAST_TEST_ELASTICSEARCH name some.",
        epilog="\n".join(f"{name:10} {run.__doc__}" for name, run in BENCHMARKS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", choices=BENCHMARKS, metavar="NAME", help="one of the list below")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--tiny", action="store_true", help="only show that it runs: its figures mean nothing")
    parser.add_argument("--rounds", type=int, help="how often to repeat each measurement")
    parser.add_argument("--notices", type=int, help="of years: about how many, a million unless given")
    parser.add_argument("--keep", type=Path, help="of years: directory for what is folded; another run goes on from it")
    parser.add_argument(
        "--direct",
        action="store_true",
        help="of years: fill the index past the topics, without the comparison and the rebuild",
    )
    given = parser.parse_args(arguments)
    size = TINY if given.tiny else FULL
    if given.rounds:
        size = replace(size, rounds=given.rounds)
    if given.notices:
        size = replace(size, history=given.notices)
    size = replace(size, keep=given.keep, direct=given.direct)
    return run(given.name, size, as_json=given.json)


def run(name: str, size: Size, *, as_json: bool) -> int:
    """Run a benchmark of a size and print its report on stdout."""
    from holdfast.stack.errors import StackError

    about = report.machine()
    try:
        found = BENCHMARKS[name](size)
    except (StackError, RuntimeError) as error:
        print(f"{name} could not be measured: {error}", file=sys.stderr)
        return 1
    found.machine = {**about, "load_after": round(os.getloadavg()[0], 2)}
    if as_json:
        print(orjson.dumps(found.document(), option=orjson.OPT_INDENT_2).decode())
    else:
        report.show(found, Console(width=max(WIDTH, Console().width)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
