"""Payloads damaged at random: a dialect gives statements or its own error, whatever stands in them."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.errors import REASONS, PayloadError
from feeds.registry import FORMATS, dialect
from tests.feeds.looks import history, incident, stamp, summary, update
from tests.feeds.test_alertmanager import alert as firing
from tests.feeds.test_cap import TOLD, alert, feed, info
from tests.feeds.test_google_cloud import outage, row

GOOD: dict[str, list[Any]] = {
    "statuspage": [
        summary(incident(update("investigating", 0), update("resolved", 9), resolved_at=stamp(9))),
        history(incident(update("scheduled", 0), scheduled_for=stamp(60), impact="maintenance")),
        {"meta": {}, "page": {}, "incident": incident(update("investigating", 0))},
    ],
    "google-cloud": [[outage(row("SERVICE_DISRUPTION", 0), row("AVAILABLE", 60), end=59)]],
    "cap": [
        {"warnings": [{"alert": {"identifier": "A", "sent": stamp(0), "msgType": "Alert", "info": [{"area": [{}]}]}}]},
        alert(info("en"), info("de"), references=f"a,b,{stamp(-5)}"),
        feed(TOLD.format(stamp(0), stamp(60), 1)),
    ],
    "alertmanager": [{"version": "4", "status": "firing", "alerts": [firing(), firing("resolved", stamp(9))]}],
}
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from(
        ["", " ", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "2026-05-04T09:00:00", "\x00", "x" * 30_000]
    ),
    st.lists(st.none() | st.text(max_size=3) | st.integers(), max_size=3),
    st.dictionaries(st.sampled_from(["id", "name", "status", "created_at", "value"]), st.none() | st.text(max_size=5)),
)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every node of a JSON document."""
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(one for key, child in below for one in leaves(child, (*path, key)))]


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


def check(format_name: str, body: bytes) -> None:
    try:
        parsed = dialect(format_name).parse(body)
    except PayloadError as error:
        assert error.reason in REASONS  # noqa: PT017 - either outcome is fine, an unknown reason is not
        return
    for statement in parsed.statements:
        assert statement.digest()
    assert {reason for reason, _ in parsed.problems} <= set(REASONS)


JSON_CASES = [(name, body) for name, bodies in GOOD.items() for body in bodies if not isinstance(body, str)]


@pytest.mark.parametrize(("format_name", "good"), JSON_CASES)
@settings(max_examples=60)
@given(choice=st.data())
def test_any_value_anywhere(format_name: str, good: Any, choice: st.DataObject) -> None:
    body = good
    for _ in range(choice.draw(st.integers(1, 3))):
        body = replaced(body, choice.draw(st.sampled_from(leaves(body))), choice.draw(ODD))
    check(format_name, json.dumps(body).encode())


@pytest.mark.parametrize("text", [one for one in GOOD["cap"] if isinstance(one, str)])
@given(choice=st.data())
def test_any_cut_or_patch_of_xml(text: str, choice: st.DataObject) -> None:
    begin = choice.draw(st.integers(0, len(text)))
    end = choice.draw(st.integers(begin, min(len(text), begin + 60)))
    patch = choice.draw(
        st.text(max_size=8) | st.sampled_from(["<", "&", "<area>", "</info>", "<polygon>1,2</polygon>"])
    )
    check("cap", (text[:begin] + patch + text[end:]).encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize(
    "body",
    [
        b"", b"\x00", b"null", b"[]", b"{}", b"[null]", b"\xff\xfe\x00", b"[" * 5000 + b"]" * 5000,
        b'{"a":' * 900 + b"1" + b"}" * 900, b'{"incidents": [' + b"9" * 5000 + b"]}",
        b'{"alerts": [{"startsAt": 1e999}]}', b'"' + b"x" * 100_000 + b'"',
    ],
)  # fmt: skip
def test_odd_bytes(format_name: str, body: bytes) -> None:
    check(format_name, body)


@pytest.mark.parametrize(("format_name", "good"), JSON_CASES)
def test_null_everywhere(format_name: str, good: Any) -> None:
    for path in leaves(good):
        check(format_name, json.dumps(replaced(good, path, None)).encode())
