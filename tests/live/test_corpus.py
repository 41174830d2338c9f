"""The real payloads of four formats, from files to Elasticsearch through every service; counted another way.

What the index must hold is counted from the files by walking their JSON, not by our readers; that every notice of the
readers arrives exactly once is counted too.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from feeds.files import sheets
from feeds.series import FeedContext, follow
from holdfast.documents import load_documents
from holdfast.settings import Settings
from holdfast.stack.supervise import environment
from tests.support.corpus import CORPUS, corpus_dir
from tests.support.ledger import AGREEMENT, POLICY, PROVIDER
from tests.support.processes import Service
from tests.support.topics import sources, wait_until

pytestmark = [pytest.mark.live, pytest.mark.corpus]

FEEDS = {
    "statuspage": "statuspage",
    "gcp": "google-cloud",
    "cap": "cap",
    "meteoalarm": "cap",
    "alertmanager": "alertmanager",
}
NOT_OF_THEIR_FORMAT = {
    ("statuspage", "derived_atlas_2023_normalised.json"),
    ("statuspage", "2022-06-30_history.atom"),
    ("statuspage", "2023-12-31_history.atom"),
}


def write_documents(directory: Path) -> None:
    """Configure every source of the corpus as a feed of one provider, under an agreement that is always in force."""
    feeds = [{"id": name, "format": form, "timezone": "UTC"} for name, form in FEEDS.items()]
    agreement = {**AGREEMENT, "versions": [{**AGREEMENT["versions"][0], "effective_from": "2000-01-01"}]}  # type: ignore[dict-item]
    documents = [{**PROVIDER, "feeds": feeds}, agreement, POLICY]
    directory.mkdir()
    (directory / "corpus.yaml").write_text(yaml.safe_dump_all(documents))


def holdfast(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "holdfast", *arguments],
        env=environment(settings), capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


def told(directory: Path) -> tuple[dict[str, str], int]:
    """Return feed by notice id, and the number of dead letters, as the readers have it, without any server."""
    documents = load_documents(directory)
    notices: dict[str, str] = {}
    letters = 0
    for name, form in FEEDS.items():
        memory = None
        for sheet in sheets([corpus_dir(name)])[0]:
            found = follow(memory, sheet.load(name, form), FeedContext.of(name, form, documents))
            memory = found.memory
            notices.update({notice.notice_id: name for notice in found.notices})
            letters += len(found.problems)
    return notices, letters


def updates_in(value: Any) -> set[str]:
    """Walk any JSON for Statuspage updates: whatever has an id and a display time."""
    if isinstance(value, list):
        return {name for one in value for name in updates_in(one)}
    if not isinstance(value, dict):
        return set()
    own = {value["id"]} if "display_at" in value and "id" in value else set()
    return own | {name for one in value.values() for name in updates_in(one)}


def statuspage_updates() -> set[str]:
    """Return the ids of all updates in all Statuspage files."""
    found: set[str] = set()
    for path in corpus_dir("statuspage").rglob("*"):
        if path.suffix == ".jsonl":
            found |= updates_in([json.loads(line) for line in path.read_text().splitlines()])
        elif path.suffix == ".json" and ("statuspage", path.name) not in NOT_OF_THEIR_FORMAT:
            found |= updates_in(json.loads(path.read_text()))
    return found


def test_every_real_payload_goes_through_the_whole_pipeline(installation: Settings, tmp_path: Path) -> None:
    for name in FEEDS:
        corpus_dir(name)
    write_documents(tmp_path / "documents")
    expected, letters = told(tmp_path / "documents")
    applied = holdfast(installation, "apply", str(tmp_path / "documents"))
    assert applied.returncode == 0, applied.stderr
    with Service("worker", installation) as worker, Service("index", installation) as indexer:
        worker.wait_ready("holdfast.worker ready")
        indexer.wait_ready("holdfast.index ready")
        for name, form in FEEDS.items():
            done = holdfast(installation, "ingest", "--feed", name, "--format", form, str(CORPUS / name))
            assert done.returncode == 0, done.stderr
        wait_until(lambda: sources(installation, "notices").keys() >= expected.keys(), 400)
        wait_until(lambda: len(sources(installation, "dead-letters")) >= letters)
        notices = sources(installation, "notices")
        dead = sources(installation, "dead-letters")
    assert {key: feed[0]["source"] for key, feed in notices.items()} == expected
    assert {len(copies) for copies in notices.values()} == {1}, "nothing is stored twice"
    own = {one["source_update_id"] for (one,) in notices.values() if one["source"] == "statuspage"}
    assert {name for name in own if name and not name.startswith("vanished@")} == statuspage_updates()
    assert len(dead) == letters == len(NOT_OF_THEIR_FORMAT)
    assert {one["feed"] for (one,) in dead.values()} == {"statuspage"}
