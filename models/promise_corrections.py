"""A correction of a promise by our people, as the statement that the stream takes. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import orjson

from models.documents import Documents
from models.instants import format_instant
from models.notice import Identity, Notice, Phase, Speaker
from models.raw import RawPayload

STATEMENTS = "statements"


@dataclass(frozen=True, slots=True)
class PromiseCorrection:
    """What a notice really promised."""

    notice: Notice
    promised_at: datetime | None
    """None: it promises nothing."""
    by: str
    """Contact id of who says so."""
    of: Literal["update", "restore"] | None = None
    """What it is a promise of; None leaves that as it was read."""


def correction_payload(correction: PromiseCorrection, documents: Documents, now: datetime) -> RawPayload:
    """Return the raw payload of a correction: a statement of phase ``promised`` that concerns the notice.

    It comes by the provider's own feed of statements where it has one, so that it is no look at the status page.

    Args:
        correction: what is said.
        documents: in force; they name the provider's feeds.
        now: the product's instant; UTC.
    """
    notice = correction.notice
    provider = documents.providers.get(notice.provider or "")
    own = [feed.id for feed in provider.feeds if feed.format == STATEMENTS] if provider is not None else []
    statement = {
        "source": notice.source,
        "source_incident_id": notice.source_incident_id,
        "speaker": Speaker.CUSTOMER.value,
        "phase": Phase.PROMISED.value,
        "concerns": notice.source_update_id or notice.notice_id,
        "published_at": format_instant(now),
        "promised_at": None if correction.promised_at is None else format_instant(correction.promised_at),
        "promises": correction.of,
        "person": correction.by,
        "identity": Identity.TOKEN.value,
    }
    told = {name: value for name, value in statement.items() if value is not None}
    return RawPayload(
        feed=own[0] if own else notice.source,
        format=STATEMENTS,
        body=orjson.dumps(told),
        received_at=now,
        content_type="application/json",
    )
