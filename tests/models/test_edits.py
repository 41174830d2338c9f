"""What was changed in a statement afterwards, and what statements say of pauses, claims and promises, in words."""

import pytest

from models.edits import Edit, edits, versions
from models.notice import Phase, Ruling, Speaker
from models.saying import said_of
from tests.support import samples
from tests.support.samples import later


def test_versions_of_one_statement_come_in_the_order_in_which_we_had_them():
    again = samples.notice(3, source_update_id="update-0")
    (first, second) = versions([again, samples.notice(1), samples.notice(0)])
    assert [[one.received_at for one in told] for told in (first, second)] == [[later(2), later(5)], [later(3)]]
    assert [(one.before, one.after) for one in edits(first)] == [(samples.notice(0), again)]
    assert list(edits(second)) == []


def test_a_probes_alerts_are_statements_of_their_own():
    alerts = [samples.notice(one, source_update_id="same", speaker=Speaker.MONITOR) for one in (0, 1)]
    assert len(list(versions(alerts))) == 2


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"severity": "minor"}, "severity: minor (was major)"),
        ({"claimed_at": later(-60)}, "claimed time: 2026-05-04T08:30:00Z (was 2026-05-04T09:30:00Z)"),
        ({"claimed_at": None, "components": ()}, "claimed time: none (was 2026-05-04T09:30:00Z); components: none "
                                                 "(was SMTP relay)"),
        ({"phase": Phase.RESOLVED}, "phase: resolved (was reported)"),
        ({"services": ("chat",)}, ""),
    ],
    ids=["a word", "an instant", "taken away", "a phase", "nothing that is told"],
)  # fmt: skip
def test_an_edit_tells_every_field_that_differs(change, text):
    assert Edit(samples.notice(0), samples.notice(0, **change)).text == text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, ""),
        ({"phase": Phase.PAUSED}, "paused"),
        ({"phase": Phase.EXCLUDED, "reason": "force_majeure"}, "asks for exclusion: force majeure"),
        ({"phase": Phase.RESUMED}, ""),
        ({"recovery_point_at": later(0)}, "last recoverable point 2026-05-04T09:30:00Z"),
        ({"promised_at": later(60)}, "names 2026-05-04T10:30:00Z for the next update"),
        ({"promised_at": later(60), "promises": "restore"}, "names 2026-05-04T10:30:00Z for the restoration"),
        (
            {"phase": Phase.PAUSED, "ruling": Ruling.ACCEPTED, "reason": "awaiting_customer", "concerns": "u1"},
            "their side accepted the pause: awaiting customer (claim u1)",
        ),
        ({"phase": Phase.SEVERITY_CHANGED, "ruling": Ruling.REJECTED}, "their side rejected severity major"),
        ({"phase": Phase.ROOT_CAUSE, "ruling": Ruling.DISPUTED}, "their side disputed the statement 'root cause'"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_a_notice_says_of_pauses_claims_and_promises_in_words(fields, words):
    assert said_of(samples.notice(0, **fields)) == words
