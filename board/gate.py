"""Lets our own people in to write on the board, and nobody else (ADR 0023). Changed on the event loop only.

What is remembered is in memory and bounded: attempts to sign in, and sessions that were signed out of.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv6Address, ip_address
from time import monotonic

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from pydantic import SecretStr

from board.answering import Refusal
from board.form_body import Form
from board.receive import BrokerUnavailableError
from board.security import is_own, is_token, own_origins
from board.session import LASTS, Session, form_token, is_form_token, seal_session, unseal_session
from board.used import Knocks
from models.documents import Documents
from models.paging import Side
from models.ports import Clock
from models.provider import Contact

logger = logging.getLogger(__name__)

ATTEMPTS, WITHIN_S = 10, 300.0
"""Wrong tokens that one address may try, within real seconds."""


@dataclass
class Gate:
    """Sessions of the board."""

    clock: Clock
    token: SecretStr | None
    documents: Callable[[], Documents] = Documents
    public_url: str | None = None
    knocks: Knocks = field(default_factory=lambda: Knocks(ATTEMPTS, WITHIN_S))
    ended: dict[str, datetime] = field(default_factory=dict)
    """Cookies that were signed out of, until they would have expired anyway."""

    @property
    def is_secure(self) -> bool:
        """Whether people reach the board by https."""
        return (self.public_url or "").lower().startswith("https://")

    @property
    def cookie(self) -> str:
        """Return the cookie's name; by ``__Host-`` browsers know that no other host may set it."""
        return "__Host-holdfast" if self.is_secure else "holdfast"

    def key(self) -> str:
        """Return the installation's token.

        Raises:
            Refusal: if there is none, so that nobody may write.
        """
        if self.token is None or not self.token.get_secret_value():
            why = "No HOLDFAST_BOARD_TOKEN is set where the board runs. Set one, start the board again, then sign in."
            raise Refusal(403, "Writing is off", why)
        return self.token.get_secret_value()

    def session(self, request: Request) -> Session | None:
        """Return whose session a request is of; None where it is nobody's."""
        cookie = request.cookies.get(self.cookie)
        token = "" if self.token is None else self.token.get_secret_value()
        session = unseal_session(cookie, token, self.clock.now()) if cookie and token else None
        return None if session is None or seal_session(session, token) in self.ended else session

    def form_token(self, session: Session) -> str:
        """Return what forms of a session carry."""
        return form_token(session, self.key())

    def admit_origin(self, request: Request) -> None:
        """Take forms of our own pages only.

        Raises:
            Refusal: if the browser does not say that it is one.
        """
        host = request.headers.get("host", "")
        if not is_own(request.headers, own_origins(request.url.scheme, host, self.public_url)):
            raise Refusal(
                403,
                "Not from this board",
                "Nothing was recorded: the form does not come from this board, or your browser does not say so. "
                "It does where you reach the board by https or on this machine (HOLDFAST_PUBLIC_URL).",
            )

    def writer(self, request: Request) -> Session:
        """Return who sends a form of ours.

        Raises:
            Refusal: if it is not of ours, or nobody is signed in.
        """
        self.key()
        self.admit_origin(request)
        session = self.session(request)
        if session is None:
            raise Refusal(
                403,
                "You are signed out",
                "Nothing was recorded. Go back in your browser: what you entered is still there, to be copied. Then "
                "load the page again and sign in.",
            )
        return session

    def check_form(self, form: Form, session: Session) -> None:
        """Take forms only that were drawn for this session.

        Raises:
            Refusal: if this one was not.
        """
        if not is_form_token(form.get("form_token") or "", session, self.key()):
            raise Refusal(
                403,
                "Not your form",
                "Nothing was recorded: this form was drawn for another session. Load the page again.",
            )

    def try_token(self, given: str, address: str) -> bool:
        """Return whether this is the installation's token; wrong ones count against the address.

        Raises:
            Refusal: if there were too many wrong ones.
        """
        key = network_of(address)
        if not self.knocks.allows(key, monotonic()):
            raise Refusal(
                429, "Too often", "Too many wrong tokens from your address. Wait five minutes, then try again."
            )
        if not is_token(given, self.token):
            logger.warning("a sign-in with a wrong token from %s was refused", key)
            return False
        self.knocks.forgive(key)
        return True

    async def people(self) -> dict[str, Contact]:
        """Return the contacts of our side by id, as the documents in force name them.

        Raises:
            Refusal: if the documents can't be had.
        """
        return contacts_of(await self.in_force(), Side.CUSTOMER)

    async def in_force(self) -> Documents:
        """Return the documents in force.

        Raises:
            Refusal: if they can't be had.
        """
        try:
            return await run_in_threadpool(self.documents)
        except BrokerUnavailableError as error:
            raise Refusal(503, "The documents can't be read", f"{error}. Please try again in a moment.") from error

    async def check_person(self, session: Session) -> None:
        """Take nothing from who is no contact of ours any more.

        Raises:
            Refusal: if the documents in force do not name them, or can't be had.
        """
        if session.person not in await self.people():
            raise Refusal(403, "You are no contact", f"Nothing was recorded: no document names {session.person!r} now.")

    def begin(self, response: Response, session: Session) -> None:
        """Let the browser keep a session."""
        logger.info("%s signed in", session.person)
        response.set_cookie(
            self.cookie,
            seal_session(session, self.key()),
            max_age=int(LASTS.total_seconds()),
            httponly=True,
            samesite="strict",
            secure=self.is_secure,
        )

    def end(self, response: Response, session: Session) -> None:
        """End a session, for whoever else has its cookie too."""
        now = self.clock.now()
        self.ended = {cookie: until for cookie, until in self.ended.items() if until > now}
        self.ended[seal_session(session, self.key())] = session.expires_at
        response.delete_cookie(self.cookie, httponly=True, samesite="strict", secure=self.is_secure)


def contacts_of(documents: Documents, side: Side) -> dict[str, Contact]:
    """Return the contacts of a side by id, in their order."""
    every = (entry for provider in documents.providers.values() for entry in provider.contacts.items())
    return dict(sorted(((key, one) for key, one in every if one.side is side), key=lambda entry: entry[0]))


def network_of(address: str) -> str:
    """Return what attempts are counted by: the address; of IPv6 its /64, of which one machine may have all.

    >>> network_of("192.0.2.7"), network_of("2001:db8::7"), network_of("::ffff:192.0.2.7"), network_of("a socket")
    ('192.0.2.7', '2001:db8::/64', '192.0.2.7', 'a socket')
    """
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if not isinstance(known, IPv6Address):
        return str(known)
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return f"{IPv6Address(int(known) >> 64 << 64)}/64"
