"""Signatures of webhook pages: made by the notifier, checked by the receiver. Pure.

``Holdfast-Signature: t=1777888200,v1=5f2b...`` where ``v1`` is HMAC-SHA256, in hex, of ``<t>.<body>`` under the shared
secret. The time is inside the signature, so an old request can't be sent again as a new one. The file has no imports
from Holdfast: receivers may copy it.
"""

import hmac
from hashlib import sha256

HEADER = "Holdfast-Signature"
MAX_AGE_S = 300
"""How old, or how far ahead, a signature may be: clocks differ and networks are slow."""


class SignatureError(ValueError):
    """The request was not signed by who holds the secret, or not lately: answer 401 and do nothing else."""


def sign(secret: bytes, body: bytes, at: int) -> str:
    """Return the header's value.

    Args:
        secret: shared with the receiver, 16 bytes at least.
        body: exactly the bytes of the request.
        at: seconds since 1970, UTC.
    """
    return f"t={at},v1={_digest(secret, body, at)}"


def verify(header: str | None, secret: bytes, body: bytes, now: int, max_age_s: int = MAX_AGE_S) -> None:
    """Check a request; returns if it is genuine. Takes the same time whatever is wrong with the digest.

    Args:
        header: value of ``Holdfast-Signature``, None if it is missing; several ``v1`` may stand in it while a secret
            is being changed, one of them has to fit.
        secret: shared with the sender.
        body: exactly the bytes received, before any parsing.
        now: the receiver's seconds since 1970, UTC.
        max_age_s: largest difference between ``now`` and the signed time.

    Raises:
        SignatureError: if the request is not genuine; the message says why.

    >>> verify(sign(b"secret", b"{}", 100), b"secret", b"{}", 160)
    >>> verify(sign(b"secret", b"{}", 100), b"secret", b"{ }", 160)
    Traceback (most recent call last):
    ...
    consumers.signature.SignatureError: the signature does not fit the body
    """
    pairs = [part.strip().partition("=") for part in (header or "").split(",")]
    times = [value for key, _, value in pairs if key == "t"]
    digests = [value for key, _, value in pairs if key == "v1"]
    if len(times) != 1 or not (times[0].isascii() and times[0].isdigit()) or len(times[0]) > 15 or not digests:
        raise SignatureError("no signature, or not one of this form: t=<seconds>,v1=<hex>")
    at = int(times[0])
    wanted = _digest(secret, body, at).encode()
    fits = [hmac.compare_digest(wanted, digest.encode()) for digest in digests]
    if not any(fits):
        raise SignatureError("the signature does not fit the body")
    if abs(now - at) > max_age_s:
        raise SignatureError(f"the signature is {abs(now - at)} s away from now, {max_age_s} s are allowed")


def _digest(secret: bytes, body: bytes, at: int) -> str:
    return hmac.new(secret, b"%d.%b" % (at, body), sha256).hexdigest()
