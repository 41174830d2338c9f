"""What every answer carries, and who may write. Pure but for being called by the server."""

import hmac
from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

from pydantic import SecretStr
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "x-frame-options": "DENY",
}
"""No inline scripts or styles, nothing from elsewhere, no framing; no CORS header is ever sent."""
FORMS_UNDER = ("/a/", "/incidents/", "/login", "/logout", "/questions")
"""The only pages with forms: they are sent to this board."""
LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")


class SecurityHeaders:
    """ASGI middleware: adds ``HEADERS``, and ``no-store`` where an answer says nothing about caching."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and complete the answer's headers."""

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                if scope["path"].startswith(FORMS_UNDER):
                    policy = HEADERS["content-security-policy"]
                    headers["content-security-policy"] = policy.replace("form-action 'none'", "form-action 'self'")
                headers.setdefault("cache-control", "no-store")
            await send(message)

        await self._app(scope, receive, complete if scope["type"] == "http" else send)


def may_write(authorization: str | None, token: SecretStr | None) -> bool:
    """Return whether an Authorization header carries the bearer token, comparing in constant time.

    Without a configured token nobody may.
    """
    if token is None or not token.get_secret_value() or authorization is None:
        return False
    scheme, _, given = authorization.partition(" ")
    return is_token(given.strip(), token) and scheme.lower() == "bearer"


def is_token(given: str, token: SecretStr | None) -> bool:
    """Return whether this is the installation's token, comparing in constant time; never where none is configured."""
    expected = "" if token is None else token.get_secret_value()
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode()) and expected != ""


def is_own(headers: Mapping[str, str], origins: Collection[str]) -> bool:
    """Return whether a page of this board sends a form, as the browser tells.

    Browsers send ``Origin: null`` from pages with our referrer policy, and ``Sec-Fetch-Site`` over https and on
    loopback only: without either there is no proof, and the answer is no.

    Args:
        headers: of the request, by names in lower case.
        origins: of this board, such as ``https://holdfast.example``.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site not in (None, "same-origin"):
        return False
    if origin in (None, "null"):
        return site is not None
    return origin in origins


def own_origins(scheme: str, host: str, public_url: str | None) -> frozenset[str]:
    """Return the origins of this board's pages: the public one, and that of the name and port it was called by.

    A proxy may have taken the TLS off, so that name may stand for https too; the public one is what it is told to be.

    Args:
        scheme: that the request came by.
        host: its Host header, with the port where it is not the usual one.
        public_url: where people reach the board.
    """
    public = urlsplit(public_url or "")
    named = {f"{public.scheme}://{public.netloc}"} if public.netloc else set()
    return frozenset(named if host == public.netloc else {*named, f"{scheme}://{host}", f"https://{host}"})


def allowed_hosts(bound_to: str, further: tuple[str, ...] = ()) -> list[str]:
    """Return the Host names that are answered to: loopback, the address bound to, and what is configured.

    A page elsewhere that points its own name at this address (DNS rebinding) sends another Host.
    """
    wildcard = bound_to in ("0.0.0.0", "::")  # noqa: S104 - compared with, not bound to
    return list(dict.fromkeys((*LOOPBACK, *(() if wildcard else (bound_to,)), *further)))
