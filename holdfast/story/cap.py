"""Writes CAP 1.2 messages of a weather service. Pure."""

from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape

from holdfast.story.script import at

SENDER = "warnings@weather.example"

_MESSAGE = """<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>{identifier}</identifier>
  <sender>{sender}</sender>
  <sent>{sent}</sent>
  <status>{status}</status>
  <msgType>{message_type}</msgType>
  <scope>Public</scope>{references}
  <info>
    <language>en-GB</language>
    <category>Met</category>
    <event>{event}</event>
    <responseType>Prepare</responseType>
    <urgency>Expected</urgency>
    <severity>{severity}</severity>
    <certainty>Likely</certainty>
    <effective>{sent}</effective>
    <onset>{onset}</onset>
    <expires>{expires}</expires>
    <senderName>Kattegat Weather Service</senderName>
    <headline>{headline}</headline>
    <description>{description}</description>
    <area>
      <areaDesc>{area}</areaDesc>
      <polygon>{polygon}</polygon>
    </area>
  </info>
</alert>
"""


@dataclass(frozen=True)
class WeatherWarning:
    """One CAP message. Instants as ``script.at`` reads them."""

    identifier: str
    sent: str
    severity: str
    onset: str
    expires: str
    event: str
    headline: str
    description: str
    area: str
    polygon: tuple[tuple[float, float], ...]
    """Ring of (latitude, longitude), first point equal to the last."""
    message_type: str = "Alert"
    status: str = "Actual"
    replaces: "WeatherWarning | None" = None
    """The message that this one updates or cancels."""


def message(warning: WeatherWarning) -> bytes:
    """Return a warning as CAP 1.2 XML."""
    earlier = warning.replaces
    references = ""
    if earlier is not None:
        named = f"{SENDER},{earlier.identifier},{_stamp(at(earlier.sent))}"
        references = f"\n  <references>{named}</references>"
    return _MESSAGE.format(
        identifier=warning.identifier,
        sender=SENDER,
        sent=_stamp(at(warning.sent)),
        status=warning.status,
        message_type=warning.message_type,
        references=references,
        event=escape(warning.event),
        severity=warning.severity,
        onset=_stamp(at(warning.onset)),
        expires=_stamp(at(warning.expires)),
        headline=escape(warning.headline),
        description=escape(warning.description),
        area=escape(warning.area),
        polygon=" ".join(f"{lat:.2f},{lon:.2f}" for lat, lon in warning.polygon),
    ).encode()


def _stamp(instant: datetime) -> str:
    """CAP 1.2 writes UTC as ``-00:00`` and never as ``Z``."""
    return instant.strftime("%Y-%m-%dT%H:%M:%S-00:00")
