"""A stand-in for Kibana over its real protocol: as strict as Kibana about headers, paths and bodies. For tests."""

import re
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import orjson

REFUSAL = "[request body.panels.0]: types that failed validation: - Additional properties are not allowed"
KNOWN = re.compile(r"(?:/s/[a-z]+)?/api/(?:data_views/data_view|dashboards/[a-z0-9-]+)$")


@dataclass
class Kibana:
    """What the stand-in received, and how it answers."""

    address: str = ""
    version: str | None = "9.4.0"
    """What it says of itself; None: nothing, as to somebody who may not know."""
    requests: list[tuple[str, str, Any]] = field(default_factory=list)
    """(method, path, body); of an import the saved objects."""
    refuse: tuple[str, int] = ("", 400)
    """A path that it refuses, and with which status."""
    failing: list[dict[str, Any]] = field(default_factory=list)
    """Errors of an import, which Kibana answers with 200."""
    authorization: set[str | None] = field(default_factory=set)

    @property
    def imported(self) -> list[dict[str, Any]]:
        """The saved objects of the last import."""
        return next(body for _, path, body in reversed(self.requests) if "_import" in path)


class _Server(ThreadingHTTPServer):
    """Holds what was received."""

    seen: Kibana


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        if not self.path.endswith("/api/status"):
            return self._answer(404, {"message": "Not Found"})
        self.server.seen.authorization.add(self.headers["Authorization"])
        told = {"status": {"overall": {"level": "available"}}}
        return self._answer(
            200, told if self.server.seen.version is None else {**told, "version": {"number": self.server.seen.version}}
        )

    def _take(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.authorization.add(self.headers["Authorization"])
        path, status = self.server.seen.refuse
        if not self.headers["kbn-xsrf"] or self.headers["Elastic-Api-Version"] != "2023-10-31":
            self._answer(400, {"message": "Request must contain a kbn-xsrf header."})
        elif path and path in self.path:
            self._answer(status, {"statusCode": status, "error": "Bad Request", "message": REFUSAL})
        elif self.path.endswith("/api/saved_objects/_import?overwrite=true"):
            self._import(content)
        elif not KNOWN.match(self.path) or self.headers["Content-Type"] != "application/json":
            self._answer(404, {"message": "Not Found"})
        else:
            body = orjson.loads(content)
            self.server.seen.requests.append((self.command, self.path, body))
            self._answer(200, {"id": "x", "data": body})

    do_PUT = do_POST = _take

    def _import(self, content: bytes) -> None:
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        (part,) = message_from_bytes(head + content).get_payload()
        assert (part.get_filename() or "").endswith(".ndjson")
        saved = [orjson.loads(line) for line in part.get_payload(decode=True).splitlines()]
        self.server.seen.requests.append((self.command, self.path, saved))
        errors = {"errors": self.server.seen.failing} if self.server.seen.failing else {}
        self._answer(
            200,
            {
                "success": not self.server.seen.failing,
                "successCount": len(saved) - len(self.server.seen.failing),
                **errors,
            },
        )

    def _answer(self, status: int, content: dict[str, Any]) -> None:
        body = orjson.dumps(content)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serving(certificate: Path | None = None) -> Iterator[Kibana]:
    """Yield a running stand-in; with a certificate and key in one PEM it speaks TLS only."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.seen = Kibana(f"{'http' if certificate is None else 'https'}://127.0.0.1:{server.server_port}")
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def make_certificates(directory: Path) -> tuple[Path, Path] | None:
    """Make an authority and a certificate of 127.0.0.1 that it signed, by openssl.

    Returns:
        (PEM of the authority, PEM of the certificate and its key); None without openssl.
    """
    if shutil.which("openssl") is None:
        return None
    authority, both = directory / "ca.pem", directory / "server.pem"
    new = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    key = ["-keyout", str(directory / "ca.key"), "-out", str(authority)]
    usage = ["-addext", "keyUsage=critical,keyCertSign"]
    _openssl([*new, "-subj", "/CN=Test authority", *key, *usage])
    signed = ["-CA", str(authority), "-CAkey", str(directory / "ca.key"), "-addext", "subjectAltName=IP:127.0.0.1"]
    plain = ["-addext", "basicConstraints=critical,CA:FALSE"]
    certificate = ["-keyout", str(directory / "server.key"), "-out", str(directory / "server.crt")]
    _openssl([*new, "-subj", "/CN=kibana", *certificate, *signed, *plain])
    both.write_bytes((directory / "server.crt").read_bytes() + (directory / "server.key").read_bytes())
    return authority, both


def _openssl(arguments: list[str]) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=60)
