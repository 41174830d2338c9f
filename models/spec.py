"""What every part of a document has in common: frozen, and closed to keys that the format does not know. Pure."""

from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict


class Spec(BaseModel):
    """A part of a document: frozen, and closed to keys that the format does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def check_zone(name: str) -> str:
    """Return an IANA zone name that exists.

    Raises:
        ValueError: if there is no such zone.
    """
    if name not in available_timezones():
        raise ValueError(f"{name!r} is no IANA time zone")
    return name
