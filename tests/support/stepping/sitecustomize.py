"""Loaded by a service under test: its wall clock is off by the seconds that a file says, and may step at any moment.

Only ``time.time`` steps, as the system's clock would; the monotonic clock goes on.
"""

import os
import time
from pathlib import Path

_true_time = time.time
_offset = Path(os.environ["STEPPING_CLOCK_FILE"])


def _stepped() -> float:
    try:
        return _true_time() + float(_offset.read_text() or 0)
    except (OSError, ValueError):  # while the file is being written
        return _true_time()


time.time = _stepped
