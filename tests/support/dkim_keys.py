"""DKIM for tests: RSA keys made on the spot, mails signed with them, and a DNS server that publishes them."""

import base64
import math
import secrets
import socketserver
import threading
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import dkim
import dns.message
import dns.rcode
import dns.rrset

RSA = bytes.fromhex("300d06092a864886f70d0101010500")
"""AlgorithmIdentifier of rsaEncryption, DER."""
EXPONENT = 65537
SMALL = math.prod(one for one in range(3, 2000, 2) if all(one % other for other in range(3, one, 2)))


@dataclass(frozen=True)
class Key:
    """A key pair: PKCS#1 PEM to sign with, and the TXT record that publishes the other half."""

    private: bytes
    record: str


def make_key(bits: int = 1024) -> Key:
    """Make a key."""
    p, q = _prime(bits // 2), _prime(bits // 2)
    d = pow(EXPONENT, -1, (p - 1) * (q - 1))
    numbers = (0, p * q, EXPONENT, d, p, q, d % (p - 1), d % (q - 1), pow(q, -1, p))
    private = _der(0x30, b"".join(_integer(one) for one in numbers))
    public = _der(0x30, _integer(p * q) + _integer(EXPONENT))
    wrapped = _der(0x30, RSA + _der(0x03, b"\0" + public))
    pem = b"-----BEGIN RSA PRIVATE KEY-----\n" + base64.encodebytes(private) + b"-----END RSA PRIVATE KEY-----\n"
    return Key(pem, f"v=DKIM1; k=rsa; p={base64.b64encode(wrapped).decode()}")


def _integer(value: int) -> bytes:
    return _der(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    long = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag]) + (bytes([size]) if size < 0x80 else bytes([0x80 | len(long)]) + long) + content


def _prime(bits: int) -> int:
    while True:
        found = secrets.randbits(bits) | (3 << (bits - 2)) | 1
        if (
            found % EXPONENT != 1
            and math.gcd(found, SMALL) == 1
            and all(pow(base, found - 1, found) == 1 for base in (2, 3, 5, 7, 11, 13))
        ):
            return found


def signed(mail: bytes, key: Key, domain: str = "nimbus.example", **options: Any) -> bytes:
    """Return a mail with a signature on top."""
    header: bytes = dkim.sign(
        mail, b"s1", domain.encode(), key.private, canonicalize=(b"relaxed", b"relaxed"), **options
    )
    return header + mail


@dataclass
class DnsServer:
    """Answers TXT questions over UDP on loopback; ``silent`` never answers."""

    records: dict[str, str] = field(default_factory=dict)
    silent: bool = False
    asked: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        """Start."""
        outer = self

        class Asked(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                question, sock = self.request
                reply = outer.answer(question)
                if reply is not None:
                    sock.sendto(reply, self.client_address)

        self._server = socketserver.ThreadingUDPServer(("127.0.0.1", 0), Asked)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()

    @property
    def address(self) -> str:
        """Return ``host:port``."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def answer(self, question: bytes) -> bytes | None:
        """Return the answer to a question."""
        query = dns.message.from_wire(question)
        name = query.question[0].name.to_text().rstrip(".")
        self.asked.append(name)
        if self.silent:
            return None
        reply = dns.message.make_response(query)
        if (record := self.records.get(name)) is None:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        else:
            text = " ".join(f'"{record[at : at + 200]}"' for at in range(0, len(record), 200))
            reply.answer.append(dns.rrset.from_text(query.question[0].name, 60, "IN", "TXT", text))
        return reply.to_wire()
