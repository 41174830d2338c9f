"""How a worker ends when it must not go on: at once, with a code that says why. IO: ends the process."""

import logging
import os
from typing import NoReturn

log = logging.getLogger("holdfast.worker")

EXIT_FAILED = 70
"""Something could not be made durable."""
EXIT_GAP = 71
"""Records are missing between two that came."""
EXIT_STUCK = 72
"""Nothing went on for too long."""
EXIT_FENCED = 73
"""The partitions may be another worker's by now."""


def die(code: int, message: str) -> NoReturn:
    """End the process at once, without acknowledging anything. The exception in flight is logged."""
    log.critical(message, exc_info=True)
    logging.shutdown()
    os._exit(code)
