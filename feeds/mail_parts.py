"""The parts of a mail: its text, its first attachment, its decoded headers; bounded, and nothing is run. Pure."""

import re
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parsedate_to_datetime
from hashlib import sha256
from html.parser import HTMLParser

from feeds.errors import PayloadError
from models.instants import EARLIEST, Instant, to_utc

MAIL_LIMIT = 10 * 1024 * 1024
"""Bytes of the largest mail read."""
PARTS_LIMIT = 100
"""Parts of the mail of most parts read; more, or parts within parts within parts, is no mail that a person sent."""
TEXT_READ = 200_000
"""Characters of a text that are looked at; an answer stands at its beginning."""
NAME_LIMIT = 200


@dataclass(frozen=True)
class Attachment:
    """A document that came with a mail."""

    digest: str
    """SHA-256, in hex, of its bytes."""
    name: str


def message_of(mail: bytes) -> Message:
    """Read a mail.

    Raises:
        PayloadError: ``too_large``, or ``not_a_mail`` for bytes without headers or with parts without end.
    """
    if len(mail) > MAIL_LIMIT:
        raise PayloadError("too_large", f"{len(mail)} bytes; a mail is at most {MAIL_LIMIT}")
    if (
        len(re.findall(rb"boundary\s*=", mail, re.I)) > PARTS_LIMIT
        or mail.lower().count(b"message/rfc822") > PARTS_LIMIT
    ):
        raise PayloadError("not_a_mail", f"more than {PARTS_LIMIT} nested parts")
    message = message_from_bytes(mail, policy=policy.compat32)
    if not message.keys() or message.get("From") is None:
        raise PayloadError("not_a_mail", "no header From")
    return message


def decoded(value: object) -> str:
    """Return a header's words decoded (RFC 2047), on one line; what can't be decoded stays as it is."""
    text = str(value)[:TEXT_READ]
    with suppress(ValueError, LookupError, TypeError, AssertionError):
        text = str(make_header(decode_header(text)))
    return clean(" ".join(text.split()))


def clean(text: str) -> str:
    """Return text without bytes that are no text in the charset that it claims, and without control characters."""
    return _CONTROL.sub("", text.encode("utf-8", "replace").decode("utf-8"))


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def date_of(message: Message) -> Instant | None:
    """Return the sender's own stamp; None where it has none, or one that is no time of this age."""
    try:
        moment = parsedate_to_datetime(str(message.get("Date", ""))[:100])
        found = None if moment.tzinfo is None else to_utc(moment)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found is not None and found >= EARLIEST else None


def text_of_mail(message: Message) -> str:
    """Return what a mail says: its first plain text, else its first HTML reduced to text; never an attachment."""
    html = None
    for part in _leaves(message):
        if _is_attached(part):
            continue
        kind = part.get_content_type()
        if kind == "text/plain" and (plain := _words(part)).strip():
            return plain
        if kind == "text/html" and html is None:
            html = _words(part)
    return "" if html is None else text_of_html(html)


def attachment_of(message: Message) -> Attachment | None:
    """Return the first attachment: what is named a file and is no picture in the text."""
    for part in _leaves(message):
        if not _is_attached(part) or part.get_content_type() in _SIGNATURES:
            continue
        content = part.get_payload(decode=True)
        if isinstance(content, bytes) and content:
            return Attachment(sha256(content).hexdigest(), decoded(part.get_filename() or "unnamed")[:NAME_LIMIT])
    return None


_SIGNATURES = ("application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature")


def _leaves(message: Message) -> list[Message]:
    """Return the parts that hold something, without those of mails that are attached as a whole."""
    found: list[Message] = []
    waiting = [message]
    while waiting and len(found) < PARTS_LIMIT:
        part = waiting.pop(0)
        inner = part.get_payload() if part.is_multipart() else None
        if isinstance(inner, list) and part.get_content_type() != "message/rfc822":
            waiting = [*(one for one in inner[:PARTS_LIMIT] if isinstance(one, Message)), *waiting]
        elif not isinstance(inner, list):
            found.append(part)
    return found


def _is_attached(part: Message) -> bool:
    disposition = part.get_content_disposition()
    is_named = part.get_filename() is not None
    is_in_text = disposition == "inline" and part.get("Content-ID") is not None
    return disposition == "attachment" or (is_named and not is_in_text)


def _words(part: Message) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    charset = str(part.get_content_charset("utf-8"))
    try:
        text = content[: 4 * TEXT_READ].decode(charset, "replace")
    except (LookupError, ValueError, TypeError):
        text = content[: 4 * TEXT_READ].decode("utf-8", "replace")
    return clean(text[:TEXT_READ].replace("\r\n", "\n").replace("\r", "\n"))


class _Reducer(HTMLParser):
    """Collects the words of HTML; what stands in a quote begins with ``>``, as in plain text."""

    SILENT = frozenset(("script", "style", "head", "title", "template", "noscript", "svg", "object"))
    BREAKS = frozenset(("br", "p", "div", "tr", "li", "ul", "ol", "table", "blockquote", "hr", "h1", "h2", "h3", "pre"))
    VOID = frozenset(("br", "hr", "img", "input", "meta", "link", "col", "area", "base", "wbr"))

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._silent = 0
        self._quotes: list[str] = []
        """Open elements from the outermost quote on, by tag."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.SILENT:
            self._silent += 1
        if tag in self.BREAKS:
            self._break()
        if tag not in self.VOID and (self._quotes or _is_quote(tag, attrs)):
            self._quotes.append(tag)
            if len(self._quotes) == 1:
                self._break()

    def handle_endtag(self, tag: str) -> None:
        if tag in self.SILENT:
            self._silent = max(0, self._silent - 1)
        if tag in self._quotes:
            while self._quotes and self._quotes.pop() != tag:
                pass
        if tag in self.BREAKS:
            self._break()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.pieces.append(" ".join(data.replace("\xa0", " ").split("\n")))

    def _break(self) -> None:
        self.pieces.append("\n> " if self._quotes else "\n")


def _is_quote(tag: str, attrs: list[tuple[str, str | None]]) -> bool:
    marks = " ".join(value or "" for name, value in attrs if name in ("class", "id")).lower()
    return tag == "blockquote" or any(word in marks for word in _QUOTE_MARKS)


_QUOTE_MARKS = ("gmail_quote", "divrplyfwdmsg", "moz-cite-prefix", "yahoo_quoted", "protonmail_quote")
"""By which mail programs mark what they quote."""


def text_of_html(html: str) -> str:
    """Return the words of HTML, a line for each paragraph; scripts, styles and addresses of links are left out."""
    reducer = _Reducer()
    reducer.feed(html[:TEXT_READ])
    reducer.close()
    lines = [" ".join(line.split()) for line in "".join(reducer.pieces).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
