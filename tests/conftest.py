"""Fixtures of all tests, how long Hypothesis searches, and where live tests run under pytest-xdist."""

import os
import signal
import warnings

import pytest
from hypothesis import HealthCheck, settings

KAFKA_READS_ITS_SCHEMAS = "(read|open)_text is deprecated"
"""kafka-python reads its protocol files by a function that Python 3.11 and 3.12 deprecate and 3.13 does not."""

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", KAFKA_READS_ITS_SCHEMAS, DeprecationWarning)
    import kafka  # noqa: F401 - imported here once, before pytest turns warnings into errors

settings.register_profile(
    "fixed", deadline=None, derandomize=True, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)  # fmt: skip
settings.register_profile(
    "search", deadline=None, max_examples=3000, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)  # fmt: skip
settings.load_profile(os.environ.get("HOLDFAST_HYPOTHESIS", "fixed"))
"""The same cases every time, and no deadline, which load moves; more and new ones with HOLDFAST_HYPOTHESIS=search."""

pytest_plugins = ["tests.support.stack", "tests.support.seeded"]


def pytest_configure(config: pytest.Config) -> None:
    """Let kafka-python load further schemas while tests run, and Ctrl-C reach what they start.

    A shell starts background jobs with SIGINT ignored, and a child inherits that: tests of Ctrl-C would wait for ever.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    config.addinivalue_line("filterwarnings", f"ignore:{KAFKA_READS_ITS_SCHEMAS}:DeprecationWarning")


LONGEST = (
    "tests/live/",
    "tests/architecture/",
    "tests/consumers/test_indexer_crash.py",
    "tests/consumers/test_server_",
)
"""Where the tests on servers are that last up to minutes each."""


def _turn(item: pytest.Item) -> int:
    """Return when a test is dealt out: 0 with the seeded month, 1 for the longest, 2 for all others."""
    if not (item.get_closest_marker("live") or item.get_closest_marker("browser")):
        return 2
    if "seeded" in getattr(item, "fixturenames", ()):
        return 0
    return 1 if item.nodeid.startswith(LONGEST) else 2


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tell ``--dist loadgroup`` how to deal out the tests on servers, of which each xdist worker has a pair.

    What looks at the month of ``tests.support.seeded`` stays together, because the month takes a minute to write; the
    longest go one by one, and first, so that nobody waits for them at the end; others go by their file.
    """
    for item in items:
        turn = _turn(item)
        if turn == 0:
            item.add_marker(pytest.mark.xdist_group("seeded"))
        elif turn == 2 and (item.get_closest_marker("live") or item.get_closest_marker("browser")):
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))
    items.sort(key=_turn)
