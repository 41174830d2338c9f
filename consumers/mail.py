"""The e-mail of a page: plain text and HTML, threaded by incident, answered by a button or a reply. Pure.

Nothing in it loads anything from elsewhere, and following its link acts on nothing (mail scanners do): the answer page
asks first.
"""

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from consumers.links import Links
from consumers.message import LATE_S, REPEATED_WORDS, facts, invitation, late_words
from models.ids import stable_id
from models.paging import Page, PageKind

SUBJECT_LENGTH = 200
WIDTH = max(len("Answer by:"), len("Provider:")) + 1


@dataclass(frozen=True)
class Envelope:
    """From whom to whom one mail goes, and when."""

    sender: str
    recipient: str
    now: datetime
    """UTC; of the Date header."""
    repeated: bool = False
    """Whether the recipient may have it already."""


def email(page: Page, envelope: Envelope, links: Links | None = None, late_from_s: float = LATE_S) -> EmailMessage:
    """Return the e-mail of a page, marked as automatic (RFC 3834), with one Message-ID for all attempts.

    Raises:
        ValueError: if an address has a line break or is none; the page fails.
    """
    known = links or Links()
    domain = envelope.sender.rpartition("@")[2].strip("> ") or "localhost"
    message = EmailMessage()
    message["From"] = envelope.sender
    message["To"] = envelope.recipient
    message["Subject"] = subject(page)
    message["Date"] = format_datetime(envelope.now)
    message["Message-ID"] = f"<{page.page_id}@{domain}>"
    _thread(message, page, domain)
    reply_to = known.reply_address(page)
    if reply_to is not None:
        message["Reply-To"] = reply_to
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message["Holdfast-Page"] = page.page_id
    if envelope.repeated:
        message["Holdfast-Repeated"] = "true"
    warnings = [late_words(page, late_from_s), REPEATED_WORDS if envelope.repeated else None]
    told = [words for words in warnings if words]
    message.set_content(_plain(page, known, told))
    message.add_alternative(_html(page, known, told), subtype="html")
    return message


def subject(page: Page) -> str:
    """Return the subject: of a rung the same for all pages of its incident, or mail programs would not thread them.

    What differs, the rung and its lateness, is the mail's first line, which programs show beside the subject.
    """
    if page.kind is not PageKind.RUNG:
        return _one_line(page.title)
    return _one_line(f"{page.provider}: incident {page.source_incident_id}")


def _thread(message: EmailMessage, page: Page, domain: str) -> None:
    """Name the conversation: of one incident or one hazard, and one side; a bundle of several belongs to none."""
    about = page.incident_id if page.kind is PageKind.RUNG else page.hazard
    if about is None:
        return
    root = f"<{stable_id('mail-thread', page.side.value, about)}@{domain}>"
    message["In-Reply-To"] = root
    message["References"] = root


def _plain(page: Page, links: Links, warnings: list[str]) -> str:
    lines = [page.title, *warnings, "", page.text, ""]
    lines += [f"{f'{label}:':<{WIDTH}}{value}" for label, value in facts(page)]
    lines.append(f"{'Page:':<{WIDTH}}{page.page_id}")
    asked, url = invitation(page, links), links.answer_url(page)
    if asked is not None:
        lines += ["", asked]
    if url is not None:
        lines += ["", f"Answer this page: {url}"]
    if links.reply_address(page) is not None:
        lines += ["", "Or reply to this mail." if url else "Reply to this mail."]
    incident = links.incident_url(page)
    if incident is not None:
        lines += ["", f"The incident: {incident}"]
    return "\n".join(lines) + "\n"


def _html(page: Page, links: Links, warnings: list[str]) -> str:
    return _template().render(
        page=page,
        warnings=warnings,
        facts=facts(page),
        invitation=invitation(page, links),
        answer_url=links.answer_url(page),
        incident_url=links.incident_url(page),
        can_reply=links.reply_address(page) is not None,
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("consumers"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        auto_reload=False,
    )
    return environment.get_template("page.html")


def _one_line(text: str) -> str:
    return " ".join(text.split())[:SUBJECT_LENGTH]
