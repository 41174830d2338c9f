"""What is wrong or doubtful in rotas, and in the addresses of contacts. Pure."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from models.documents import Documents
from models.opening_spans import CalendarRangeError
from models.provider import Contact
from models.rota import Rota
from models.spec import Loc

Told = Iterator[tuple[Loc, str]]

LOOK_AHEAD = timedelta(days=366)
"""From where the last layer begins: a year has every change of clocks and every holiday."""
SECRETS = ("slack", "teams", "pagerduty", "opsgenie", "apprise")
"""Keys of a contact that let whoever reads them send messages, or more."""


def rota_faults(rota: Rota, documents: Documents) -> Told:
    """Yield a rota's id that is a contact's as well: policies could not tell them apart."""
    for provider in documents.providers.values():
        if rota.id in provider.contacts:
            yield ("id",), f"provider {provider.id!r} has a contact {rota.id!r}: a policy could mean either"


def rota_doubts(rota: Rota) -> Told:
    """Yield gaps, people without duty, layers and overrides that never count."""
    yield from _gap(rota)
    busy = {name for layer in rota.layers for name in layer.members} | {one.member for one in rota.overrides}
    for name in rota.members:
        if name not in busy:
            yield ("members", name), f"{name!r} is in no layer and no override, so never has duty"
    for index, layer in enumerate(rota.layers):
        above = [one for one in rota.layers[:index] if one.calendar is None]
        if any(one.begins_at <= layer.begins_at for one in above):
            yield ("layers", index), "never counts: a layer above it has duty at any time"
    for index, one in enumerate(rota.overrides):
        if any(other.begin <= one.begin and one.end <= other.end for other in rota.overrides[index + 1 :]):
            yield ("overrides", index), "never counts: a later entry of the list takes all of its time"
    yield from clear_secrets(("members",), rota.members)


def _gap(rota: Rota) -> Told:
    begin = max(layer.begins_at for layer in rota.layers)
    try:
        gap = next(rota.gaps(begin, begin + LOOK_AHEAD), None)
    except CalendarRangeError:  # it begins in the last year that calendars know
        return
    if gap is not None:
        until = "on" if gap[1] == begin + LOOK_AHEAD else f"until {gap[1]:%Y-%m-%d %H:%M} UTC"
        text = f"nobody has duty from {gap[0]:%Y-%m-%d %H:%M} UTC {until}; end with a layer without hours"
        yield ("layers",), text


def clear_secrets(loc: Loc, contacts: Mapping[str, Contact]) -> Told:
    """Yield secrets that stand in a document as they are: documents are published and kept."""
    for name, contact in contacts.items():
        for key in SECRETS:
            value = getattr(contact, key)
            if value is not None and not value.startswith("env:"):
                text = f"a secret in the clear: write {key}: env:NAME, and set NAME where pages are sent"
                yield (*loc, name, key), text
