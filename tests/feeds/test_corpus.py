"""Every real payload of the four formats either gives notices or says why not; counts match counts made another way."""

import json
import re
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from feeds.errors import PayloadError
from feeds.files import sheets
from feeds.registry import dialect
from feeds.series import FeedContext, replay
from models.notice import Flag, Notice, Phase
from tests.support.corpus import corpus_dir

pytestmark = pytest.mark.corpus
FORMAT_OF = {
    "statuspage": "statuspage",
    "gcp": "google-cloud",
    "cap": "cap",
    "meteoalarm": "cap",
    "alertmanager": "alertmanager",
}
REFUSED = {
    "statuspage/derived_atlas_2023_normalised.json": "wrong_shape",
    "statuspage/github_atom/2022-06-30_history.atom": "not_json",
    "statuspage/github_atom/2023-12-31_history.atom": "not_json",
}
"""Files of the corpus that are not of their folder's format."""


def counted(source: str, body: bytes) -> int:
    """Count the statements of a payload by its text, without any of our readers."""
    text = body.decode("latin-1")
    if source == "statuspage":
        return len(re.findall(r'"display_at"\s*:', text))
    if source == "gcp":
        updates = len(re.findall(r'"when"\s*:', text))
        return updates - len(re.findall(r'"most[_-]recent[_-]update"\s*:', text))
    if source == "alertmanager":
        return len(re.findall(r'"startsAt"\s*:', text))
    if text.lstrip().startswith("{"):
        return len(re.findall(r'"msgType"\s*:', text))
    return len(re.findall(r"<(?:cap:)?(?:msgType|message_type)>", text))


def payloads(source: str) -> list[tuple[str, bytes]]:
    folder = corpus_dir(source)
    found, refused = sheets([folder])
    assert refused == []
    return [(f"{source}/{Path(one.name).relative_to(folder)}", one.load("f", FORMAT_OF[source]).body) for one in found]


@pytest.mark.parametrize("source", FORMAT_OF)
def test_every_real_payload_gives_notices_or_a_true_reason(source: str) -> None:
    seen = 0
    for name, body in payloads(source):
        if name in REFUSED:
            with pytest.raises(PayloadError) as caught:
                dialect(FORMAT_OF[source]).parse(body)
            assert caught.value.reason == REFUSED[name]
            continue
        parsed = dialect(FORMAT_OF[source]).parse(body)
        assert parsed.problems == (), name
        assert len(parsed.statements) == counted(source, body), name
        seen += 1
    assert seen


@pytest.mark.parametrize("source", FORMAT_OF)
def test_notices_keep_what_real_payloads_say_of_time(source: str) -> None:
    """Every instant of a notice stands, as that instant, somewhere in its payload (but of promised times)."""
    for name, body in payloads(source):
        if name in REFUSED:
            continue
        there = {
            _microseconds(text)
            for text in re.findall(r"\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|[+-]\d\d:\d\d)", body.decode("latin-1"))
        }
        for one in dialect(FORMAT_OF[source]).parse(body).statements:
            for moment in (one.claimed_at, one.claimed_end_at, one.published_at):
                assert moment is None or round(moment.timestamp() * 1e6) in there, (name, one)


def _microseconds(text: str) -> int:
    head, _, fraction = text.partition(".")
    digits = re.match(r"\d*", fraction)
    rest = fraction[len(digits[0]) :] if digits else ""
    whole = datetime.fromisoformat(head + rest) if fraction else datetime.fromisoformat(text)
    return round(whole.timestamp()) * 1_000_000 + int((digits[0] if digits else "0")[:6].ljust(6, "0") or 0)


def series(source: str, folder: str, format_name: str) -> list[list[Notice]]:
    found, _ = sheets([corpus_dir(source) / folder])
    raws = [one.load("f", format_name) for one in found]
    return [list(step.notices) for step in replay(raws, FeedContext("f", format_name))]


def test_github_imported_incidents_are_all_told_as_such() -> None:
    """335 of 589 have one update, written years after; none of them shows when GitHub first spoke."""
    flagged = Counter[Any]()
    for path in sorted((corpus_dir("statuspage") / "github_incidents").glob("*.json")):
        statements = dialect("statuspage").parse(path.read_bytes()).statements
        flagged[len(statements) == 1, any(Flag.BACKFILLED in one.flags for one in statements)] += 1
    assert flagged == {(True, True): 335, (False, False): 253, (False, True): 1}


def test_incidents_that_vanished_from_oracles_page_are_counted_by_hand() -> None:
    polls = (corpus_dir("statuspage") / "oci_polls" / "polls_stripped.jsonl").read_text().splitlines()
    gone, before = [], set[str]()
    for line in polls:
        listed = {one["id"] for one in json.loads(line)["summary"]["incidents"]}
        gone += sorted(before - listed)
        before = listed
    told = [one for step in series("statuspage", "oci_polls/polls_stripped.jsonl", "statuspage") for one in step]
    vanished = [one.source_incident_id for one in told if Flag.VANISHED in one.flags]
    assert len(gone) == 34
    assert vanished == gone
    assert not [one for one in told if one.phase is Phase.RESOLVED]


def test_googles_polls_say_each_version_of_each_update_once_in_its_interval() -> None:
    steps = series("gcp", "polls_2026-07", "google-cloud")
    everything = [one for step in steps for one in step]
    assert len({one.notice_id for one in everything}) == len(everything)
    assert len(steps[0]) == 24
    for step, before in zip(steps[1:], steps, strict=False):
        for one in step:
            assert one.received_after == before[0].received_at
    closing = {one.source_incident_id: one.published_at for one in everything if one.phase is Phase.RESOLVED}
    assert closing["3BvH3LVGcupoYqV6F4Nw"] is not None
    assert closing["3BvH3LVGcupoYqV6F4Nw"].isoformat() == "2026-07-16T12:25:47+00:00"


def test_old_google_incidents_do_not_share_ids() -> None:
    body = (corpus_dir("gcp") / "incidents_2020-11-06_oldschema.json").read_bytes()
    statements = dialect("google-cloud").parse(body).statements
    assert len({one.source_incident_id for one in statements}) == len(json.loads(body)) == 155
    ended = Counter(one.source_incident_id for one in statements if one.phase is Phase.RESOLVED)
    assert set(ended.values()) == {1}
