"""Where the demo's pages go: a webhook receiver and a mail server on loopback. IO: sockets, threads.

The receiver does what docs/how-to/receive-webhooks.md tells receivers to do: check the signature over the bytes, then
count by idempotency key, because delivery is at least once.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import orjson

from consumers.signature import HEADER, MAX_AGE_S, SignatureError, verify
from holdfast.clock import Clock

LOOPBACK = "127.0.0.1"
BODY_LIMIT = 1024 * 1024

Told = Callable[[str, str], None]
"""Is told of each page: (channel, one line about it). May be called from any thread."""


@dataclass
class Received:
    """What one sink received. Counted by key: a page that came twice with one key is one page."""

    calls: int = 0
    keys: set[str] = field(default_factory=set)
    refused: int = 0
    """Calls whose signature was not ours."""


class WebhookSink:
    """An HTTP server that takes signed pages. Use as a context manager."""

    def __init__(self, secret: str, clock: Clock, told: Told = lambda _channel, _line: None) -> None:
        """Make the server; it listens from the beginning of the ``with`` block.

        Args:
            secret: shared with the notifier.
            clock: the notifier's; signatures carry its time, and their age is allowed for in real seconds.
            told: is told of each page taken for the first time.
        """
        self.received = Received()
        self._secret, self._clock, self._told = secret.encode(), clock, told
        self._lock = threading.Lock()
        sink = self

        class Handler(BaseHTTPRequestHandler):
            """Answers 204 to a page, 401 to a stranger."""

            def do_POST(self) -> None:
                """Take one call."""
                length = min(int(self.headers.get("Content-Length", "0")), BODY_LIMIT)
                self.send_response(sink.take(dict(self.headers), self.rfile.read(length)))
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing: the demo tells its own story."""

        self._server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, name="webhook-sink", daemon=True)

    @property
    def url(self) -> str:
        """Return where pages are to be sent."""
        return f"http://{LOOPBACK}:{self._server.server_address[1]}/pages"

    def __enter__(self) -> Self:
        """Listen."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def take(self, headers: Mapping[str, str], body: bytes) -> HTTPStatus:
        """Take one call; return the status to answer with."""
        named = {name.lower(): value for name, value in headers.items()}
        with self._lock:
            self.received.calls += 1
            if not self._is_genuine(named.get(HEADER.lower()), body):
                self.received.refused += 1
                return HTTPStatus.UNAUTHORIZED
            key = named.get("idempotency-key", "")
            is_new = key not in self.received.keys
            self.received.keys.add(key)
        if is_new:
            self._told("webhook", _title_of(body))
        return HTTPStatus.NO_CONTENT

    def _is_genuine(self, header: str | None, body: bytes) -> bool:
        now, allowed_s = int(self._clock.now().timestamp()), int(MAX_AGE_S * self._clock.speed)
        try:
            verify(header, self._secret, body, now, allowed_s)
        except SignatureError:
            return False
        return True


def _title_of(body: bytes) -> str:
    """Return the page's one line."""
    try:
        page = orjson.loads(body)
    except orjson.JSONDecodeError:
        return "(not JSON)"
    return str(page.get("title", "")) if isinstance(page, dict) else ""


class MailSink:
    """An SMTP server that takes any mail and keeps none. Use as a context manager."""

    def __init__(self, port: int, told: Told = lambda _channel, _line: None) -> None:
        """Make the server; it listens from the beginning of the ``with`` block.

        Args:
            port: a free port on loopback.
            told: is told of each message taken for the first time.
        """
        from aiosmtpd.controller import Controller
        from aiosmtpd.smtp import AuthResult

        self.received = Received()
        self.port = port
        self._told = told
        # A .env of the reader's may name an account for the real mail server: any is welcome here.
        self._controller = Controller(
            self,
            hostname=LOOPBACK,
            port=port,
            authenticator=lambda *_: AuthResult(success=True),
            auth_require_tls=False,
        )

    def __enter__(self) -> Self:
        """Listen."""
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop listening."""
        self._controller.stop()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Take one message."""
        message = message_from_bytes(envelope.content, policy=policy.default)
        key = str(message.get("Message-ID", ""))
        self.received.calls += 1
        if key not in self.received.keys:
            self.received.keys.add(key)
            self._told("email", f"to {message.get('To', '')}: {message.get('Subject', '')}")
        return "250 taken"
