"""The plain reading of Kibana's filter language, held by cases that are worked out by hand."""

from datetime import UTC, datetime

import pytest

from tests.reference.filters import matcher, moment, values

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
DOCUMENT = {
    "basis": "agreed",
    "services": ["mail", "web front"],
    "target_s": 900.0,
    "used_share": 0.8,
    "due_at": "2026-05-04T09:45:00.123456Z",
    "stopped_at": None,
    "critical": True,
    "title": "Mail is delayed",
    "rungs": [{"state": "sent", "rung": 0}, {"state": "suppressed", "rung": 1}],
}


@pytest.mark.parametrize(
    "expression",
    [
        "",
        'basis : "agreed"',
        "basis : agreed",
        'services : "mail"',
        'services : "web front"',
        "services : web*",
        'services : ("voice" or "mail")',
        'services : ("web front" and "mail")',
        "stopped_at : * or due_at : *",
        "not stopped_at : *",
        'NOT basis : "claimed" AND critical : true',
        "used_share >= 0.75 and used_share < 1",
        'target_s <= "900"',
        'due_at < "now+30m" and due_at >= "now"',
        'due_at >= "now/d" and due_at < "now+1d/d"',
        'rungs.state : "suppressed" and rungs.rung : 0',
        'title.keyword : "Mail is delayed"',
        'rungs : { state : "suppressed" and rung >= 1 }',
        'basis : "claimed" or basis : "agreed" and critical : true',
    ],
)
def test_these_filters_take_the_document(expression: str) -> None:
    assert matcher(expression, NOW)(DOCUMENT)


@pytest.mark.parametrize(
    "expression",
    [
        'basis : "agree"',
        'services : "web"',
        'services : ("mail" and "voice")',
        "stopped_at : *",
        'not services : "mail"',
        'due_at < "now+10m"',
        "used_share > 0.8",
        'title.keyword : "mail"',
        'rungs : { state : "suppressed" and rung : 0 }',
        '(basis : "agreed" or critical : true) and stopped_at : *',
    ],
)
def test_these_filters_leave_it_out(expression: str) -> None:
    assert not matcher(expression, NOW)(DOCUMENT)


@pytest.mark.parametrize("expression", ['basis : "agreed" title', '(basis : "agreed"', "basis basis"])
def test_what_can_not_be_read_is_an_error(expression: str) -> None:
    with pytest.raises((ValueError, IndexError)):
        matcher(expression, NOW)


def test_a_date_keeps_milliseconds_as_an_index_does() -> None:
    assert values(DOCUMENT, "due_at") == [datetime(2026, 5, 4, 9, 45, 0, 123000, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", NOW),
        ("now-1h", datetime(2026, 5, 4, 8, 30, tzinfo=UTC)),
        ("now/d", datetime(2026, 5, 4, tzinfo=UTC)),
        ("now-1d/w", datetime(2026, 4, 27, tzinfo=UTC)),
        ("2026-05-01T00:00:00Z||+1w", datetime(2026, 5, 8, tzinfo=UTC)),
        ("2026-05-01T00:00:00Z", datetime(2026, 5, 1, tzinfo=UTC)),
    ],
)
def test_date_mathematics(text: str, expected: datetime) -> None:
    assert moment(text, NOW) == expected
