"""Receivers of pages for tests: a real HTTP server and a real SMTP server on free loopback ports."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

import orjson
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from holdfast.stack.ports import pick_free


@dataclass(frozen=True)
class Request:
    """What a webhook receiver got."""

    path: str
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def page_id(self) -> str:
        """Return the page's id in the body."""
        found: str = orjson.loads(self.body)["page_id"]
        return found

    @property
    def key(self) -> str:
        """Return the idempotency key."""
        return self.headers["idempotency-key"]

    @property
    def repeated(self) -> bool:
        """Return whether the sender says that it may be a repeat."""
        return self.headers.get("holdfast-repeated") == "true"


HANGS_S = 180.0
"""How long a request hangs at most while ``open`` is cleared: longer than any sender in the tests waits."""
Answer = tuple[int, dict[str, str]] | tuple[int, dict[str, str], bytes] | None
"""Status, headers and maybe a text; None closes the connection without an answer."""


@dataclass
class WebhookReceiver:
    """Remembers every request and answers as ``answer`` says."""

    answer: Callable[[Request], Answer] = lambda _: (200, {})
    requests: list[Request] = field(default_factory=list)
    open: threading.Event = field(default_factory=threading.Event)
    """Cleared, requests hang after they were remembered; set again, they are answered."""

    def __enter__(self) -> Self:
        """Start."""
        self.open.set()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                request = Request(self.path, {key.lower(): value for key, value in self.headers.items()}, body)
                receiver.requests.append(request)
                answer = receiver.answer(request)
                receiver.open.wait(HANGS_S)
                if answer is None:
                    self.close_connection = True
                    return
                text = answer[2] if len(answer) == 3 else b""
                try:
                    self.send_response_only(answer[0])
                    for name, value in {"Content-Length": str(len(text)), **answer[1]}.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(text)
                except OSError:
                    pass  # the sender was killed meanwhile

            def log_message(self, format: str, *args: Any) -> None:
                """Stay silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Stop; whoever still hangs is answered."""
        self.open.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Return where pages go."""
        return f"http://127.0.0.1:{self._server.server_port}/pages"

    def wait_for(self, count: int, timeout_s: float = 180.0) -> list[Request]:
        """Wait for so many requests and return all there are."""
        ends = time.monotonic() + timeout_s
        while len(self.requests) < count:
            assert time.monotonic() < ends, f"{len(self.requests)} of {count} requests in {timeout_s} s"
            time.sleep(0.02)
        return list(self.requests)


class MailReceiver:
    """A real SMTP server that remembers messages; ``replies`` are given to DATA first, one for each message."""

    def __init__(self, replies: list[str] | None = None) -> None:
        """Remember the replies, such as ``450 later``; after them every message is taken."""
        self.messages: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.attempts = 0
        self._replies = list(replies or [])
        (self.port,) = pick_free(1)
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take a message, or refuse it as planned; the server calls this."""
        self.attempts += 1
        if self._replies:
            return self._replies.pop(0)
        content = envelope.content
        assert isinstance(content, bytes)
        self.messages.append(message_from_bytes(content, policy=policy.default))
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 taken"

    def __enter__(self) -> Self:
        """Start."""
        self._controller.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Stop."""
        self._controller.stop()
