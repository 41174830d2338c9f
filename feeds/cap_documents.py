"""Where CAP alerts stand in a payload: XML, Atom and RSS feeds of it, Meteoalarm's JSON (``feeds.cap``). Pure.

Names are read without their namespace, so CAP 1.0, 1.1, 1.2 and none at all are one format. Whatever a payload's form,
each alert comes out as ``Fields``: names to lists, because any CAP element may repeat.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias, Union
from xml.etree.ElementTree import Element, ParseError  # the types only: parsing is defusedxml's

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from feeds.errors import PayloadError
from feeds.reading import Problem, json_of, mapping, sequence

Fields: TypeAlias = dict[str, list[Union[str, "Fields"]]]

DEPTH = 16
"""Levels of elements read; CAP has five."""
_CAP = re.compile(r"urn:oasis:names:tc:emergency:cap:|http://www\.incident\.com/cap/")
_GEORSS = "http://www.georss.org/georss"
_FEEDS = ("feed", "rss", "RDF", "alerts", "EDXLDistribution")
_HEADER = ("identifier", "sender", "sent", "status", "msgType", "message_type", "scope", "references", "note")
_AREA = ("areaDesc", "polygon", "circle", "geocode")


@dataclass(frozen=True)
class Found:
    """The alerts of one payload, in its order."""

    alerts: tuple[Fields, ...]
    problems: tuple[Problem, ...]
    is_feed: bool
    """True where the payload is a list of the warnings in force, not one message."""


def alerts_in(body: bytes) -> Found:
    """Find the alerts of a payload.

    Raises:
        PayloadError: ``not_xml``, ``forbidden_xml``, ``not_json``, or ``wrong_shape`` where it is neither CAP nor a
            feed of it.
    """
    start = body.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start[:1] in (b"{", b"["):
        return _in_json(json_of(start))
    return _in_xml(_tree(start if start[:1] == b"<" else body))


def texts(fields: Fields, *names: str) -> list[str]:
    """Return the non-empty texts under any of these names."""
    return [value for name in names for value in fields.get(name, ()) if isinstance(value, str) and value]


def groups(fields: Fields, name: str) -> list[Fields]:
    """Return the nested elements under a name."""
    return [value for value in fields.get(name, ()) if isinstance(value, dict)]


def _tree(body: bytes | str) -> Element:
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except DefusedXmlException as error:
        raise PayloadError(
            "forbidden_xml", f"{type(error).__name__}: document types and entities are refused"
        ) from error
    except (ParseError, ValueError, LookupError) as error:
        raise PayloadError("not_xml", str(error)[:200]) from error
    return root


def _in_xml(root: Element) -> Found:
    """Find alerts, outside entries and in them."""
    if (
        _local(root) != "alert"
        and _local(root) not in _FEEDS
        and not any(_local(one) == "alert" for one in root.iter())
    ):
        raise PayloadError("wrong_shape", f"the root element {_local(root)[:80]!r} is neither a CAP alert nor a feed")
    alerts: list[Fields] = []
    problems: list[Problem] = []
    for position, element in enumerate(_outermost(root, ("alert", "entry", "item"))):
        try:
            alerts.extend([fields_of(element)] if _local(element) == "alert" else _of_entry(element))
        except PayloadError as error:
            problems.append((error.reason, f"entry {position}: {error.detail}"))
    return Found(tuple(alerts), tuple(problems), is_feed=_local(root) != "alert")


def _of_entry(entry: Element) -> Iterator[Fields]:
    """Yield the alerts of one entry: nested, as text in its content, or told by the entry's own CAP elements."""
    nested = list(_outermost(entry, ("alert",))) or list(_written_out(entry))
    if nested:
        yield from (fields_of(one) for one in nested)
        return
    told = [child for child in entry if _is_cap(child)]
    if told:
        yield _told(entry, told)
    elif any(_local(child) == "link" for child in entry):
        raise PayloadError("link_only", "it links to the warning and says nothing itself")
    else:
        raise PayloadError("wrong_shape", "no alert, no CAP elements and no link")


def _written_out(entry: Element) -> Iterator[Element]:
    """Yield the alert that stands as escaped text in an entry's content."""
    for child in entry:
        text = (child.text or "").strip() if _local(child) in ("content", "description", "summary") else ""
        if text.startswith("<") and "alert" in text and "identifier" in text:
            yield from _outermost(_tree(text), ("alert",))


def _told(entry: Element, told: list[Element]) -> Fields:
    """Put an entry's own CAP elements into the form of an alert with one info and one area."""
    plain, own = fields_of(entry), Fields()
    for child in told:
        own.setdefault(_local(child), []).append(_value(child, 0))
    alert = {name: own[name] for name in _HEADER if name in own}
    alert.setdefault("identifier", [*texts(plain, "id", "guid")])
    alert.setdefault("sent", [*texts(plain, "published", "updated")[:1]])
    if "info" in own:
        return {**alert, "info": own["info"]}
    info = {name: values for name, values in own.items() if name not in (*_HEADER, *_AREA)}
    info.setdefault("headline", [*texts(plain, "title")])
    info.setdefault("description", [*texts(plain, "summary")])
    info["area"] = [{name: own[name] for name in _AREA if name in own}]
    return {**alert, "info": [info]}


def _outermost(root: Element, names: tuple[str, ...]) -> Iterator[Element]:
    """Yield elements of these names in their order, none from inside another: one nested 20 000 deep is read once."""
    waiting = [root]
    while waiting:
        element = waiting.pop()
        if _local(element) in names:
            yield element
        else:
            waiting.extend(reversed(element))


def _is_cap(element: Element) -> bool:
    namespace = element.tag.rpartition("}")[0].removeprefix("{")
    if not namespace:
        return _local(element) in (*_HEADER[:6], *_AREA, "severity", "urgency", "certainty", "expires")
    return bool(_CAP.match(namespace)) or (namespace == _GEORSS and _local(element) == "polygon")


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def fields_of(element: Element, depth: int = 0) -> Fields:
    """Return an element's children by local name."""
    fields: Fields = {}
    for child in element:
        fields.setdefault(_local(child), []).append(_value(child, depth))
    return fields


def _value(element: Element, depth: int) -> str | Fields:
    if len(element) and depth < DEPTH:
        return fields_of(element, depth + 1)
    return "".join(element.itertext()).strip()


def _in_json(payload: Any) -> Found:
    """Read ``{"warnings": [{"alert": {…}}]}``, a list of alerts, or one alert."""
    if isinstance(payload, dict) and "warnings" not in payload:
        return Found((_alert_of(payload),), (), is_feed=False)
    rows = sequence(payload["warnings"], "warnings") if isinstance(payload, dict) else payload
    alerts: list[Fields] = []
    problems: list[Problem] = []
    for position, row in enumerate(rows):
        try:
            alerts.append(_alert_of(mapping(row, "warning")))
        except PayloadError as error:
            problems.append((error.reason, f"warning {position}: {error.detail}"))
    return Found(tuple(alerts), tuple(problems), is_feed=True)


def _alert_of(row: dict[str, Any]) -> Fields:
    alert = mapping(row["alert"], "alert") if "alert" in row else row
    if not ("identifier" in alert and ("info" in alert or "msgType" in alert)):
        raise PayloadError("wrong_shape", "no identifier with info or msgType: not a CAP alert")
    return _fields_of_json(alert, 0)


def _fields_of_json(value: dict[str, Any], depth: int) -> Fields:
    fields: Fields = {}
    for name, content in value.items():
        several = content if isinstance(content, list) else [content]
        fields[name] = [_of_json(one, depth) for one in several if one is not None]
    return fields


def _of_json(value: Any, depth: int) -> str | Fields:
    if isinstance(value, dict) and depth < DEPTH:
        return _fields_of_json(value, depth + 1)
    if isinstance(value, list | dict):
        return ""
    return str(value).strip()
