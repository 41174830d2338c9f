"""Every benchmark runs and tells what it must: figures with their number of samples, the machine, what ran beside."""

import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from benchmarks.__main__ import BENCHMARKS
from benchmarks.report import percentile
from tests.support.stack import Stack

ROOT = Path(__file__).resolve().parents[2]
ALONE = ("evaluate", "fold")
"""Need no servers."""
LIVE = [name for name in BENCHMARKS if name not in ALONE]


def report(name: str, **env: str) -> dict[str, Any]:
    """Run a benchmark as people do, tiny, and return its report."""
    command = [sys.executable, "-m", "benchmarks", name, "--tiny", "--json"]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **env}, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = orjson.loads(done.stdout)
    return found


def check(found: dict[str, Any], name: str) -> None:
    """Check the shape of a report."""
    assert found.keys() == {"benchmark", "beside", "ratios", "figures", "notes", "machine"}
    assert found["benchmark"] == name
    assert found["beside"]
    assert found["machine"].keys() == {"cores", "python", "system", "load_before", "load_after"}
    assert found["figures"]
    for figure in [*found["ratios"], *found["figures"]]:
        assert math.isfinite(figure["value"]), figure
        assert figure["n"] > 0, figure
        if figure["lowest"] is not None:
            assert figure["lowest"] <= figure["value"] <= figure["highest"], figure


@pytest.mark.parametrize("name", ALONE)
def test_benchmark_reports_without_servers(name: str) -> None:
    check(report(name), name)


@pytest.mark.live
@pytest.mark.parametrize("name", LIVE)
def test_benchmark_reports(name: str, stack: Stack) -> None:
    check(report(name, HOLDFAST_TEST_KAFKA=stack.kafka, HOLDFAST_TEST_ELASTICSEARCH=stack.elasticsearch), name)


def test_unknown_benchmark_is_a_usage_error() -> None:
    command = [sys.executable, "-m", "benchmarks", "speed"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=180)
    assert done.returncode == 2
    assert "engine" in done.stderr


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50.0), (0.99, 99.0), (1.0, 100.0), (0.001, 1.0), (0.505, 51.0)])
def test_percentile_is_the_nearest_rank(share: float, expected: float) -> None:
    assert percentile([float(value) for value in range(100, 0, -1)], share) == expected
