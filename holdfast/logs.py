"""Logging of services: one line each on stderr, key=value. IO: configures stdlib logging when called."""

import logging
import sys

QUIET = ("kafka", "elastic_transport", "aiokafka")
"""Libraries that tell every request at INFO."""
INDISCREET = ("httpx", "httpcore", "urllib3", "apprise")
"""Libraries that tell whole addresses at INFO or DEBUG; of those of pages, some are secrets."""


def configure(level: str) -> None:
    """Send log lines to stderr.

    Args:
        level: name of a stdlib level, such as ``INFO``; libraries are heard from WARNING up unless it is ``DEBUG``,
            and those that tell addresses even then.
    """
    logging.basicConfig(
        stream=sys.stderr, level=level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s", force=True
    )
    for name in INDISCREET if level.upper() == "DEBUG" else (*QUIET, *INDISCREET):
        logging.getLogger(name).setLevel(logging.WARNING)
