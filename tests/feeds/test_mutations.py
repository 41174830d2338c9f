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
from tests.feeds.test_power_outages import feature, out

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
    "servicenow": [
        {
            "result": [
                {"number": "INC1", "state": "3", "hold_reason": "1", "opened_at": stamp(0), "sys_updated_on": stamp(5)},
                {
                    "number": "INC2",
                    "state": {"value": "7"},
                    "opened_at": {"value": stamp(0)},
                    "closed_at": stamp(9),
                    "sys_updated_on": stamp(9),
                    "reopen_count": "1",
                    "priority": "1",
                },
            ]
        },
        f"number,state,opened_at,sys_updated_on,resolved_at\nINC1,6,{stamp(0)},{stamp(9)},{stamp(8)}\n",
    ],
    "servicenow-log": [
        "number,incident_state,sys_mod_count,opened_at,sys_updated_at\n"
        "I1,Awaiting User Info,1,29-02-2016 01:16,29-02-2016 01:23\n"
    ],
    "ticket-log": [
        "SR Number,Change Date+Time,Status,Sub Status\n"
        f"T1,{stamp(0)},Accepted,In Progress\nT1,{stamp(9)},Completed,Resolved\n"
    ],
    "bchydro": [[out(), out(id=8, showEtr=False)]],
    "oe417": [
        "OBS,OUTAGE.START.DATE,OUTAGE.START.TIME,OUTAGE.RESTORATION.DATE,OUTAGE.RESTORATION.TIME\n"
        '1,"Friday, July 1, 2011",5:00:00 PM,"Sunday, July 3, 2011",8:00:00 PM\n'
    ],
    "outage-geojson": [{"type": "FeatureCollection", "features": [feature(), {**feature(), "id": 5}]}],
    "statements": [
        [
            {
                "source_incident_id": "inc-1",
                "phase": "paused",
                "ruling": "accepted",
                "reason": "awaiting_customer",
                "claimed_at": stamp(0),
                "services": ["vm"],
                "concerns": "u1",
                "text": "yes",
            },
            {
                "source": "status",
                "source_incident_id": 7,
                "phase": "reported",
                "severity": "major",
                "received_at": stamp(0),
                "area": {"circles": [[50.1, 8.7, 5.0]]},
                "flags": ["test"],
            },
        ],
        '{"source_incident_id": "inc-1", "phase": "promised", "promised_at": "2026-05-04T09:00:00Z"}\n'
        '{"source_incident_id": "inc-1", "phase": "update", "recovery_point_at": "2026-05-04T09:00:00Z"}\n',
    ],
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
    for zone in (None, "UTC"):
        try:
            parsed = dialect(format_name).parse(body, zone=zone)
        except PayloadError as error:
            assert error.reason in REASONS  # noqa: PT017 - either outcome is fine, an unknown reason is not
            continue
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


TEXT_CASES = [(name, body) for name, bodies in GOOD.items() for body in bodies if isinstance(body, str)]
PATCHES = {"cap": ["<", "&", "<area>", "</info>", "<polygon>1,2</polygon>"]}
"""Pieces that hurt a format; of those not named here, what hurts tables and lines."""


@pytest.mark.parametrize(("format_name", "text"), TEXT_CASES)
@given(choice=st.data())
def test_any_cut_or_patch_of_text(format_name: str, text: str, choice: st.DataObject) -> None:
    begin = choice.draw(st.integers(0, len(text)))
    end = choice.draw(st.integers(begin, min(len(text), begin + 60)))
    pieces = PATCHES.get(format_name, [",", ";", '"', "\n", "\x00", "{", "99-99-9999 99:99", "?"])
    patch = choice.draw(st.text(max_size=8) | st.sampled_from(pieces))
    check(format_name, (text[:begin] + patch + text[end:]).encode("utf-8", "surrogatepass"))


def test_every_format_has_a_good_payload_that_is_damaged_here() -> None:
    assert GOOD.keys() == FORMATS.keys()
    for name, bodies in GOOD.items():
        for body in bodies:
            parsed = dialect(name).parse((body if isinstance(body, str) else json.dumps(body)).encode(), zone="UTC")
            assert parsed.statements, name
            assert parsed.problems == (), name


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
