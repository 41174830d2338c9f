"""What a page says to people and to machines."""

import orjson
import pytest

from consumers.message import facts, summary, webhook_body
from tests.support import samples


def test_a_webhook_gets_the_page_and_a_line_for_people() -> None:
    """The page's own fields under their own names; the rest says what it is."""
    body = orjson.loads(webhook_body(samples.page()))
    own = orjson.loads(samples.page().to_wire())
    assert own.pop("fallbacks") == []
    assert body.items() >= own.items()
    assert body["type"] == "org.holdfast.page"
    assert body["summary"] == "nimbus: Mail is delayed | 75% of restore target"
    assert (body["late"], body["late_text"]) == (False, None)


@pytest.mark.parametrize(("late_s", "words"), [(0.0, None), (59.9, None), (60.0, "1 min"), (9000.0, "150 min")])
def test_a_late_page_says_so_in_words(late_s: float, words: str | None) -> None:
    """Who gets it must not think that it just happened."""
    page = samples.page(late_s=late_s, issued_at=samples.later(180 + late_s / 60))
    body = orjson.loads(webhook_body(page))
    if words is None:
        assert "Late" not in summary(page)
        assert not body["late"]
    else:
        assert f"Late by {words}: this was due at 2026-05-04T12:30:00Z." in summary(page)
        assert body["late"]


def test_by_when_to_answer_is_told_in_whole_seconds_and_never_later_than_it_is() -> None:
    page = samples.page(answer_by=samples.later(200).replace(microsecond=654_321))
    assert ("Answer by", "2026-05-04T12:50:00Z") in facts(page)


def test_what_counts_as_late_is_a_setting() -> None:
    """The demo's clock runs by hours a second; the pipeline's own pace is no lateness there."""
    page = samples.page(late_s=953.0)
    assert orjson.loads(webhook_body(page, 3600.0))["late"] is False
    assert "Late" not in summary(page, 3600.0)
