"""Mails saved as files, made ready for the stream: whom they answer is told by their reply addresses. IO: Kafka."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from models.answers import ANSWERS_FEED
from models.mail import MAIL_FORMAT, MailEnvelope
from models.raw import RawPayload

if TYPE_CHECKING:
    from holdfast.settings import Settings

READY_S = 60.0


def mail_format(feed: str, format_name: str | None) -> str | None:
    """Return the format of saved mails, where they are what is brought; None for payloads of a feed.

    The feed of answers takes nothing else from files: what people answer comes by links, buttons and mail.
    """
    if feed == ANSWERS_FEED and format_name in (None, MAIL_FORMAT):
        return MAIL_FORMAT
    if feed == ANSWERS_FEED:
        raise typer.BadParameter(f"the feed {ANSWERS_FEED!r} takes saved mails only: give --format {MAIL_FORMAT}")
    if format_name == MAIL_FORMAT:
        raise typer.BadParameter(f"mails answer pages, they are of no provider's feed: give --feed {ANSWERS_FEED}")
    return None


def with_envelopes(payloads: Sequence[RawPayload], settings: "Settings") -> list[RawPayload]:
    """Return mails with what is known of the pages that they answer on top.

    Nobody can tell who sent a saved mail, so what it says counts as unverified. Without a reply address of ours it
    moves nothing.

    Raises:
        KafkaError: if no broker answers.
        NotCaughtUpError: if the pages can't be read.
    """
    from consumers.mail_receipt import answered
    from consumers.mailbox import payload_of
    from consumers.pages_known import NotCaughtUpError
    from holdfast.commands.mailbox import contacts, pages_known, reply_addresses

    ours, contact_of = reply_addresses(settings), contacts(settings)
    pages = pages_known(settings)
    try:
        if not pages.wait_ready(READY_S):
            raise NotCaughtUpError(f"the pages were not read to their end in {READY_S:g} s")
        return [
            payload_of(
                MailEnvelope(
                    received_at=one.received_at, way="file", pages=answered(one.body, (), ours, pages.find, contact_of)
                ),
                one.body,
                one.name,
            )
            for one in payloads
        ]
    finally:
        pages.stop()
