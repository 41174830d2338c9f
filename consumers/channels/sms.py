"""Pages as text messages, by whatever service an apprise address template names. IO: by apprise.

A message of more than 160 characters goes out, and is paid, in segments of 153; with any letter outside the old
telephone alphabet (GSM 03.38) in segments of 67. The link comes first and whole, since half a link is none.
"""

import re
from urllib.parse import quote

from consumers.channels.apprise import Apprise, Words
from consumers.channels.base import Address, AddressError, Attempt, Options, pieces, resolve
from consumers.message import REPEATED_WORDS, late_words
from models.paging import Page

PLACEHOLDER = "{phone}"
PHONE = re.compile(r"\+?[0-9]{6,15}")
"""International form (E.164), once spaces and the like are gone."""
SEGMENTS = 2
LINE = 70
"""Characters of words that there are in any case, where a link alone fills the segments."""
GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_DOUBLE = frozenset("^{}\\[~]|€")
"""Take two places each."""


class Sms(Apprise):
    """A text message of two segments at most, but for a link that needs more by itself."""

    def __init__(self, options: Options | None = None, template: str | None = None) -> None:
        """Keep the options.

        Args:
            options: as of ``Apprise``.
            template: apprise address with ``{phone}`` in it; None sends nothing.

        Raises:
            ValueError: if the template has no place for the number.
        """
        super().__init__(options)
        if template is not None and PLACEHOLDER not in template:
            raise ValueError("HOLDFAST_SMS_URL has no {phone} in it: write it where the number belongs")
        self._template = template

    def receiver(self, page: Page) -> str:
        return f"sms:{page.address}"

    def address(self, page: Page) -> Address:
        if self._template is None:
            raise AddressError("no text messages are set up here: set HOLDFAST_SMS_URL")
        phone = resolve(page.address or "", self._options.look_up, secret=False)
        number = re.sub(r"[\s().-]", "", phone.value)
        if not PHONE.fullmatch(number):
            raise AddressError(f"contact {page.recipient} has no phone number: write it such as +491700000000")
        url = self._template.replace(PLACEHOLDER, quote(number, safe=""))
        hidden = phone.secrets and (number, number.lstrip("+"))
        return Address(url, (*pieces(self._template), *pieces(url), *phone.secrets, *hidden))

    def words(self, attempt: Attempt) -> Words:
        page = attempt.page
        link = self._options.links.answer_url(page) or self._options.links.incident_url(page)
        said = [late_words(page, self._options.late_from_s), REPEATED_WORDS if attempt.repeated else None]
        return Words("", text(link, " ".join(" ".join(filter(None, [page.title, *said, page.text])).split())))


def text(link: str | None, words: str) -> str:
    """Return the message: the link, then as many words as two segments hold.

    >>> text(None, "nimbus: Mail is delayed")
    'nimbus: Mail is delayed'
    """
    start = f"{link}\n" if link else ""
    if not fits(start):
        return (start + words[:LINE]).rstrip()
    low, high = 0, len(words)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(start + words[:middle]) else (low, middle - 1)
    return (start + words[:low]).rstrip()


def fits(message: str, segments: int = SEGMENTS) -> bool:
    """Return whether a message goes out in so many segments, more than one."""
    if all(letter in GSM or letter in GSM_DOUBLE for letter in message):
        return len(message) + sum(letter in GSM_DOUBLE for letter in message) <= 153 * segments
    return len(message.encode("utf-16-be")) // 2 <= 67 * segments
