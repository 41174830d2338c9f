"""Which domains signed a mail: DKIM signatures checked against keys in the DNS (RFC 6376). IO: DNS.

A failure to look up a key is an outcome, never a reason to refuse a mail: the answer then counts as unverified.
"""

import logging
import time
from collections.abc import Callable

import dkim
import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver
from dkim.util import InvalidTagValueList, parse_tag_value

from models.mail import MailSignature

log = logging.getLogger("holdfast.mailbox")

SIGNATURES_LIMIT = 4
"""Signatures checked of one mail: the author's, the provider's of the mail service, and those of relays."""
LOOKUP_S = 3.0
TOTAL_S = 8.0
"""Real seconds for all look-ups of one mail; the sender waits meanwhile."""
MIN_KEY_BITS = 1024
"""RFC 8301: shorter RSA keys prove nothing."""
NAME_LIMIT = 253

LookUp = Callable[[bytes, float], bytes | None]
"""(DNS name, seconds) to its TXT record; None where there is none. Raises ``LookupFailedError``."""


class LookupFailedError(Exception):
    """The DNS gave no answer in time: whether there is a key can't be told."""


def resolver(address: str | None) -> LookUp:
    """Return what asks the DNS for keys.

    Args:
        address: ``host`` or ``host:port`` of a resolver; None is the system's own.

    Raises:
        ValueError: if the address is none of an IP address and port.
    """
    asked = dns.resolver.Resolver(configure=False) if address else _of_the_system()
    if address:
        host, _, port = address.rpartition(":") if address.count(":") == 1 else (address.strip("[]"), "", "")
        asked.nameservers = [host]
        asked.port = int(port) if port else 53

    def look_up(name: bytes, seconds: float) -> bytes | None:
        try:
            found = asked.resolve(dns.name.from_text(name.decode("ascii")), dns.rdatatype.TXT, lifetime=seconds)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return None
        except (dns.exception.DNSException, OSError) as error:
            raise LookupFailedError(str(error)) from error
        return b"".join(next(iter(found)).strings)

    return look_up


def _of_the_system() -> dns.resolver.Resolver:
    try:
        return dns.resolver.Resolver()
    except dns.resolver.NoResolverConfiguration:
        return dns.resolver.Resolver(configure=False)  # asks nobody: every look-up fails, every mail is unverified


def signatures_of(mail: bytes, look_up: LookUp) -> tuple[MailSignature, ...]:
    """Check the signatures of a mail, the topmost first. Raises nothing, and ends in ``TOTAL_S``.

    Args:
        mail: the bytes as they came.
        look_up: asks for keys.
    """
    ends = time.monotonic() + TOTAL_S
    found = []
    for position in range(SIGNATURES_LIMIT):
        try:
            one = _checked(mail, position, look_up, ends)
        except Exception as error:  # noqa: BLE001 - what the library makes of hostile bytes must not cost the mail
            log.info("a signature can't be checked: %s", type(error).__name__)
            continue
        if one is None:
            break
        found.append(one)
    return tuple(found)


def _checked(mail: bytes, position: int, look_up: LookUp, ends: float) -> MailSignature | None:
    """Check one signature; None where there is none at this position."""
    message = dkim.DKIM(mail, minkey=MIN_KEY_BITS, logger=log.getChild("dkim"), timeout=LOOKUP_S)
    headers = [value for name, value in message.headers if name.lower() == b"dkim-signature"]
    if position >= len(headers):
        return None
    try:
        tags = parse_tag_value(headers[position])
        domain, selector = (_name(tags[key]) for key in (b"d", b"s"))
    except (InvalidTagValueList, KeyError, UnicodeDecodeError):
        return MailSignature(result="permerror", domain="", selector="")
    failed: list[LookupFailedError] = []

    def ask(name: bytes, timeout: float = LOOKUP_S) -> bytes | None:
        try:
            return look_up(name, max(0.1, min(timeout, ends - time.monotonic())))
        except LookupFailedError as error:
            failed.append(error)
            return None

    try:
        is_valid = message.verify(position, dnsfunc=ask)
    except Exception as error:  # noqa: BLE001 - malformed signatures and keys come as many kinds of error
        result = "fail" if isinstance(error, dkim.ValidationError) else "permerror"
    else:
        result = "pass" if is_valid else "fail"
    signed = tuple(
        dict.fromkeys(name.strip().lower() for name in tags.get(b"h", b"").decode("ascii", "replace").split(":"))
    )
    return MailSignature(
        result="temperror" if failed else result,
        domain=domain,
        selector=selector,
        signed=signed[:100],
        is_partial=b"l" in tags,
    )


def _name(value: bytes) -> str:
    return value.decode("ascii").strip().lower()[:NAME_LIMIT]
