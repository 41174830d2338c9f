"""Logging of services: one line each on stderr, key=value. IO: configures stdlib logging when called."""

import logging
import sys

QUIET = ("kafka", "elastic_transport", "aiokafka", "httpx", "httpcore")
"""Libraries that tell every request at INFO."""


def configure(level: str) -> None:
    """Send log lines to stderr.

    Args:
        level: name of a stdlib level, such as ``INFO``; libraries are heard from WARNING up unless it is ``DEBUG``.
    """
    logging.basicConfig(
        stream=sys.stderr, level=level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s", force=True
    )
    if level.upper() != "DEBUG":
        for name in QUIET:
            logging.getLogger(name).setLevel(logging.WARNING)
