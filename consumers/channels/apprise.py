"""Pages through the apprise library, which knows a hundred ways to tell somebody something. IO: by its plugins.

The library answers true or false and says why in its log only, which quotes addresses and whole messages. So its log
goes nowhere but here, and what is told of it has the address's secrets struck out.
"""

import asyncio
import contextvars
import logging
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from consumers.channels.base import Address, AddressError, Attempt, Options, Result, resolve
from consumers.message import REPEATED_WORDS, facts, invitation, late_words
from models.paging import Outcome, Page

MOST_THREADS = 32
"""Attempts at once; each may hang as long as its plugin's socket does."""
EXCEPTION = re.compile(r"[\w/ -]*Exception: ")
"""Begins the line of the log that gives an error's own words; any other may quote the message."""
NEVER_CONNECTED = re.compile(
    r"NewConnectionError|ConnectTimeoutError|NameResolutionError|Connection refused|Name or service not known"
)
"""Words of such a line that say that the message can't have reached anybody."""

TO_NOBODY = "not delivered"

Line = tuple[int, str]
"""A level and a message."""

_lines: contextvars.ContextVar[list[Line] | None] = contextvars.ContextVar("apprise_lines", default=None)


@dataclass(frozen=True)
class Words:
    """What is said."""

    title: str
    body: str


class Apprise:
    """Any address that the library knows, in a thread with a time limit."""

    def __init__(self, options: Options | None = None) -> None:
        """Keep the options and take the library's log over; ``options.timeout_s`` is of one attempt."""
        self._options = options or Options()
        self._pool = ThreadPoolExecutor(MOST_THREADS, thread_name_prefix="apprise")
        _listen()

    def receiver(self, page: Page) -> str:
        return page.address or "apprise"

    async def deliver(self, attempt: Attempt) -> Result:
        try:
            address = self.address(attempt.page)
        except AddressError as error:
            return Result(Outcome.FAILED, error=str(error))
        return (await self._send(address, self.words(attempt))).without(address.secrets)

    def address(self, page: Page) -> Address:
        """Return where one page goes.

        Raises:
            AddressError: if nowhere.
        """
        if page.address is None:
            raise AddressError(
                f"contact {page.recipient} has no address for apprise: name one, or env:NAME, as apprise"
            )
        return resolve(page.address, self._options.look_up, secret=True)

    def words(self, attempt: Attempt) -> Words:
        """Return what one page says: everything, in plain text."""
        page, links = attempt.page, self._options.links
        url, incident = links.answer_url(page), links.incident_url(page)
        lines = [late_words(page, self._options.late_from_s), REPEATED_WORDS if attempt.repeated else None]
        lines += [url and f"Answer this page: {url}", page.text, *(f"{label}: {value}" for label, value in facts(page))]
        lines += [invitation(page, links), incident and f"The incident: {incident}"]
        return Words(" ".join(page.title.split()), "\n".join(line for line in lines if line))

    async def _send(self, address: Address, words: Words) -> Result:
        """Make one attempt; a thread that outlives its time goes on by itself, and its word comes too late."""
        lines: list[Line] = []
        context = contextvars.copy_context()
        context.run(_lines.set, lines)
        timeout_s = self._options.timeout_s
        # The first one loads all plugins, which takes seconds: that is not the receiver's time.
        plugin = await asyncio.wrap_future(self._pool.submit(context.run, _plugin, address.value, timeout_s))
        if plugin is None:
            unknown = Result(Outcome.FAILED, error="apprise knows no such address: correct the contact or the variable")
            return _with_reason(unknown, lines)
        future = self._pool.submit(context.run, _notify, plugin, words)
        try:
            async with asyncio.timeout(timeout_s):
                return _with_reason(await asyncio.shield(asyncio.wrap_future(future)), lines)
        except TimeoutError:
            if future.cancel():
                return Result(Outcome.RETRYING, error=f"not tried: {MOST_THREADS} other attempts hang")
            return Result(Outcome.UNKNOWN, error=f"no end within {timeout_s:g} s")

    async def close(self) -> None:
        """Begin nothing more; threads under way end by their own time limits."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _plugin(url: str, timeout_s: float) -> Any | None:
    """Return the library's plugin for an address; None if it has none, and why is in the log."""
    try:
        from apprise import Apprise as Library  # most installations never need it

        plugin = Library.instantiate(url)
    except Exception as error:  # noqa: BLE001 - a plugin's own fault must cost this attempt only
        logging.getLogger("apprise").warning("%s: %s", type(error).__name__, error)
        return None
    if plugin is not None:
        plugin.socket_connect_timeout = min(plugin.socket_connect_timeout, timeout_s / 2)
        plugin.socket_read_timeout = min(plugin.socket_read_timeout, timeout_s / 2)
    return plugin


def _notify(plugin: Any, words: Words) -> Result:
    """Say it, in this thread; what is known of a failure beyond that is in the log.

    Addresses of several receivers at once are unknown as a whole: some may have it.
    """
    try:
        if plugin.notify(body=words.body, title=words.title, body_format="text"):
            return Result(Outcome.SENT)
    except Exception as error:  # noqa: BLE001 - a plugin's own fault must cost this attempt only
        return Result(Outcome.UNKNOWN, error=f"the plugin failed: {type(error).__name__}: {error}")
    return Result(Outcome.UNKNOWN, error=TO_NOBODY if len(plugin) == 1 else "not delivered to all")


def _with_reason(result: Result, lines: list[Line]) -> Result:
    """Return a failure with the log's reason; it is worth another try where the log says that nothing was sent."""
    if result.error is None:
        return result
    causes = [words for _, words in lines if EXCEPTION.match(words)]
    told = [words for level, words in lines if level >= logging.WARNING and not EXCEPTION.match(words)]
    never = result.error == TO_NOBODY and bool(causes) and all(map(NEVER_CONNECTED.search, causes))
    error = ": ".join([result.error, "; ".join([*told, *causes])]) if told or causes else result.error
    return Result(Outcome.RETRYING if never else result.outcome, error=error)


class _Lines(logging.Handler):
    """Gives each line of the library's log to the attempt that caused it, and to nobody else."""

    def emit(self, record: logging.LogRecord) -> None:
        lines = _lines.get()
        if lines is not None:
            lines.append((record.levelno, record.getMessage()))


def _listen() -> None:
    """Take the library's log over, once: at any level it may quote an address or a message."""
    log = logging.getLogger("apprise")
    if not any(isinstance(one, _Lines) for one in log.handlers):
        log.addHandler(_Lines())
    log.propagate = False
    log.setLevel(logging.DEBUG)
    for name in ("urllib3", "requests"):
        logging.getLogger(name).setLevel(logging.WARNING)
