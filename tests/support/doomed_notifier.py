"""A notifier that kills itself at a named moment: ``python -m tests.support.doomed_notifier before sending``.

The moment is before or after the first delivery of an outcome is put on its topic. Settings come from the environment.
"""

import asyncio
import os
import signal
import sys
from typing import Any

from consumers.channels import Webhook
from consumers.courier import Limits
from consumers.notifier import Notifier
from holdfast import kafka
from holdfast.settings import load
from models.document import Document
from models.paging import Delivery


class Doomed(Notifier):
    """Dies by SIGKILL at its moment."""

    moment: tuple[str, str]

    async def _send(self, topic: str, key: bytes, document: Document, partition: int | None = None) -> Any:
        when, outcome = self.moment
        is_it = isinstance(document, Delivery) and document.outcome.value == outcome
        if is_it and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        place = await super()._send(topic, key, document, partition)
        if is_it:
            os.kill(os.getpid(), signal.SIGKILL)
        return place


async def run(when: str, outcome: str) -> None:
    """Deliver until the moment comes."""
    settings = load()
    channels = {"webhook": Webhook(settings.clock.now, settings.webhook_url)}
    doomed = Doomed(kafka.options(settings), kafka.names(settings), channels, settings.clock, Limits())
    doomed.moment = (when, outcome)
    await doomed.run()


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], sys.argv[2]))
