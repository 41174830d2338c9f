"""Fixtures of all tests, and where live tests run under pytest-xdist."""

import signal
import warnings

import pytest

KAFKA_READS_ITS_SCHEMAS = "(read|open)_text is deprecated"
"""kafka-python reads its protocol files by a function that Python 3.11 and 3.12 deprecate and 3.13 does not."""

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", KAFKA_READS_ITS_SCHEMAS, DeprecationWarning)
    import kafka  # noqa: F401 - imported here once, before pytest turns warnings into errors

pytest_plugins = ["tests.support.stack", "tests.support.seeded"]


def pytest_configure(config: pytest.Config) -> None:
    """Let kafka-python load further schemas while tests run, and Ctrl-C reach what they start.

    A shell starts background jobs with SIGINT ignored, and a child inherits that: tests of Ctrl-C would wait for ever.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    config.addinivalue_line("filterwarnings", f"ignore:{KAFKA_READS_ITS_SCHEMAS}:DeprecationWarning")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep live tests in one xdist worker, so that they share one pair of servers."""
    for item in items:
        if item.get_closest_marker("live") is not None:
            item.add_marker(pytest.mark.xdist_group("live"))
