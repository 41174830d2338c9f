"""Promises are read out of plain words only, with the words that they were read from; vague ones give nothing."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.errors import PayloadError
from feeds.files import sheets
from feeds.promises import FARTHEST, promise_in
from feeds.registry import dialect
from tests.support.corpus import corpus_dir

SAID = datetime(2026, 5, 4, 20, 0, tzinfo=UTC)
"""A Monday, 13:00 in California, 22:00 in Berlin."""


def read(text: str, zone: str | None = None) -> tuple[str, str] | None:
    """Return (what of, when) as ``DD HH:MM`` in UTC."""
    found = promise_in(text, SAID, zone)
    return None if found is None else (found.promises, f"{found.instant:%d %H:%M}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We will provide an update by Monday, 2026-05-04 14:30 US/Pacific.", ("update", "04 21:30")),
        ("We will provide our next update by Monday, 2026-05-04 at 14:30 PDT.", ("update", "04 21:30")),
        ("We will provide more information by Tuesday, 2026-05-05 09:00 US/Pacific.", ("update", "05 16:00")),
        ("We will provide an update on Tuesday 2026-05-05 by 17:00 US/Pacific.", ("update", "06 00:00")),
        ("<b>Next Update by:</b> May 4, 2026 21:15 UTC", ("update", "04 21:15")),
        ("Next update: 5 May 2026 08:00 GMT", ("update", "05 08:00")),
        ("Next update by 14:30 PDT", ("update", "04 21:30")),
        ("Next update by 2 PM PST.", ("update", "04 21:00")),
        ("We'll provide another update with more details by 2:15 PM US/Pacific, May 4, 2026.", ("update", "04 21:15")),
        ("We'll provide an update by 2:15 p.m. PDT today.", ("update", "04 21:15")),
        ("We'll provide an update by 9 AM PDT tomorrow.", ("update", "05 16:00")),
        ("Next update at 00:30 UTC.", ("update", "05 00:30")),
        ("Next update by 2026-05-04 23:30 +02:00", ("update", "04 21:30")),
        ("Next update in 30 minutes", ("update", "04 20:30")),
        ("We will post an update within 2 hours.", ("update", "04 22:00")),
        ("A further update will follow within the next hour", ("update", "04 21:00")),
        ("Another update within half an hour", ("update", "04 20:30")),
        ("We expect service to fully recover in 30 min.", ("restore", "04 20:30")),
        ("Service will be restored by 21:00 UTC.", ("restore", "04 21:00")),
        ("Full resolution is expected to complete by Tuesday, 2026-05-05 01:00 US/Pacific.", ("restore", "05 08:00")),
        ("ETA: 21:00 UTC", ("restore", "04 21:00")),
        ("We are on it. ETR 21:00 UTC", ("restore", "04 21:00")),
        ("ETA 45 minutes", ("restore", "04 20:45")),
        ("Full resolution is expected by 23:00 UTC. Next update by 21:00 UTC.", ("update", "04 21:00")),
    ],
)
def test_a_plain_promise_is_read(text, expected):
    assert read(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "We will post another update shortly.",
        "Next update soon.",
        "Another update in a few minutes.",
        "Next update within minutes.",
        "Next update in about 30 minutes.",
        "Next update in 30-60 minutes.",
        "Next update between 21:00 UTC and 22:00 UTC.",
        "Next update by 21:00 - 22:00 UTC.",
        "We will provide updates every 30 minutes.",
        "Next update by 19:00 UTC.",
        "The status page was updated by 21:00 UTC.",
        "An update was deployed in 10 minutes.",
        "No further update by 21:00 UTC.",
        "The next update will not come in 30 minutes.",
        "Next update by 14:30",
        "Next update by 14:30 CST",
        "Next update by 14:30 MSK",
        "Next update by 25:99 UTC",
        "Next update by 2026-02-30 10:00 UTC",
        "Next update by 2027-05-04 21:00 UTC",
        "Next update by 21:00 UTC+2",
        "Next update tomorrow.",
        "The rollout is deployed within 30 minutes.",
        "Hotfix is underway, ETA 1h",
        "There is no ETA for full resolution, 21:00 UTC is when we look again.",
        "Service was restored at 21:00 UTC.",
        "It was resolved by 21:00 UTC.",
        "2013-05-02 02:44:54 - We expect to be back in 10 minutes.",
        "We expect full functionality to be restored by 2am central.",
        "",
    ],
)
def test_nothing_is_read_into_vague_words_ranges_times_gone_by_or_times_without_a_zone(text):
    assert read(text) is None


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("Next update by 22:30", "Europe/Berlin", ("update", "04 20:30")),
        ("Next update by 15:30 CST", "America/Chicago", ("update", "04 20:30")),
        ("Next update by 22:30 CST", "Europe/Berlin", None),
        ("Next update by 13:30 PDT", "Europe/Berlin", ("update", "04 20:30")),
    ],
    ids=["a time without a zone", "an abbreviation of its own", "one that is not its own", "the text names another"],
)
def test_the_feeds_zone_reads_what_the_text_leaves_open(text, zone, expected):
    assert read(text, zone) == expected


def test_a_time_of_day_is_the_next_one_and_none_that_lies_most_of_a_day_ahead():
    assert read("Next update by 07:30 UTC") == ("update", "05 07:30")
    assert read("Next update by 08:30 UTC") is None


def test_the_source_phrase_is_the_sentence_up_to_the_time():
    found = promise_in("We look into it.\nWe will post\xa0an <b>update</b> by 14:30 PDT. Sorry!", SAID)
    assert found is not None
    assert found.phrase == "We will post an update by 14:30 PDT"


def test_without_an_instant_of_speaking_only_a_dated_time_says_anything():
    assert promise_in("Next update in 30 minutes") is None
    assert promise_in("Next update by 14:30 UTC") is None
    assert promise_in("Next update by 2026-05-04 14:30 UTC") is not None


PIECES = st.sampled_from([
    "Next", "update", "by", "at", "in", "within", "ETA", "ETA:", "30", "999", "minutes", "hour", "2026-05-04",
    "2026-13-45", "9999-12-31", "14:30", "25:61", "2", "PM", "am", "UTC", "PDT", "CST", "US/Pacific", "US/Nowhere",
    "+02:00", "+99:99", "today", "tomorrow", "May", "4,", "2026", "31st", "expected", "restored", "recovery",
    "not", ".", "-", "<b>", "will", "be", "an", "half", "the", "next", "0000-00-00", "00:00", "12", "Monday,", "(",
    ")",
])  # fmt: skip
TEXTS = st.lists(PIECES, max_size=14).map(" ".join) | st.text(max_size=80)
ZONES = st.sampled_from([None, "UTC", "Europe/Berlin", "America/Chicago", "Pacific/Apia"])


@given(TEXTS, st.datetimes(timezones=st.just(UTC)) | st.just(SAID), ZONES)
def test_whatever_the_text_nothing_fails_and_no_promise_lies_in_the_past(text, said_at, zone):
    found = promise_in(text, said_at, zone)
    if found is not None:
        assert said_at < found.instant
        assert found.instant - said_at <= FARTHEST
        assert found.phrase


@given(TEXTS, ZONES)
def test_without_an_instant_nothing_fails_either(text, zone):
    promise_in(text, None, zone)


def test_a_hostile_text_is_read_in_bounded_time():
    assert promise_in("expected restored by 1 " * 20_000, SAID) is None


@pytest.mark.corpus
def test_what_real_texts_promise_is_counted():
    """By folder and what of; each new one since the forms grew was read by hand (ADR 0018)."""
    counts, texts = Counter[tuple[str, str]](), Counter[str]()
    for source, name in (("statuspage", "statuspage"), ("gcp", "google-cloud")):
        seen = {}
        for sheet in sheets([corpus_dir(source)])[0]:
            try:
                parsed = dialect(name).parse(sheet.load("f", name).body)
            except PayloadError:
                continue
            for one in parsed.statements:
                seen[one.source_incident_id, one.source_update_id, one.text] = one
        texts[source] = sum(bool(one.text) for one in seen.values())
        counts.update((source, one.promises or "update") for one in seen.values() if one.promised_at)
        for one in seen.values():
            assert (one.phrase is None) == (one.promised_at is None)
            if one.promised_at is not None and one.published_at is not None:
                assert timedelta(0) < one.promised_at - one.published_at <= FARTHEST
    assert texts == {"statuspage": 1737, "gcp": 1336}
    assert counts == {("statuspage", "update"): 12, ("statuspage", "restore"): 3, ("gcp", "update"): 803}
