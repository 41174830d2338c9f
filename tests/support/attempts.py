"""One attempt by a channel, and places where nobody listens, for tests."""

import asyncio
import socket
from typing import Any

from consumers.channels import Attempt, Channel, Result
from consumers.links import Links
from models.paging import Page
from tests.support import samples

LINKS = Links("https://holdfast.example", b"a link secret of some length", "reply.holdfast.example")
HOSTILE = '<script>alert(1)</script> & "<!channel>" [x](https://evil.example) *b*'


def attempt(channel: Channel, page: Page, number: int = 1, *, repeated: bool = False) -> Result:
    """Make one attempt and let go of the channel."""

    async def once() -> Result:
        try:
            return await channel.deliver(Attempt(page, number, repeated))
        finally:
            await channel.close()

    return asyncio.run(once())


def answerable(ordinal: int = 0, **fields: Any) -> Page:
    """Return a page that can be answered for a day; another ordinal is another page."""
    return samples.page(ordinal, **{"expires_at": samples.later(1440), **fields})


def closed_port() -> int:
    """Return a port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
