"""Pages on stdout. IO: stdout."""

import sys

from consumers.channels.base import Attempt, Options, Result
from consumers.message import summary
from models.paging import Outcome, Page


class Console:
    """A line on stdout: for trying, and for screens that follow a log."""

    def __init__(self, options: Options | None = None) -> None:
        """Keep the options; of them it needs from which lateness on a page says so, and the links."""
        self._options = options or Options()

    def receiver(self, page: Page) -> str:
        return "console"

    async def deliver(self, attempt: Attempt) -> Result:
        page, mark = attempt.page, " (may be a repeat)" if attempt.repeated else ""
        words = " ".join(summary(page, self._options.late_from_s).split())
        sys.stdout.write(f"PAGE to {page.recipient_name}{mark}: {words}\n")
        sys.stdout.flush()
        return Result(Outcome.SENT)

    async def close(self) -> None:
        """Nothing is kept open."""
