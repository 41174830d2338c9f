"""Orderly ends: SIGTERM and Ctrl-C ask a service to finish what it has in hand. IO: installs signal handlers."""

import signal
from collections.abc import Callable


def on_terminate(stop: Callable[[], None]) -> None:
    """Call ``stop`` on SIGTERM or SIGINT; a second one ends the process at once, which loses nothing but time.

    Args:
        stop: returns at once and is safe to call from a signal handler.
    """

    def ask(number: int, _: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        stop()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
