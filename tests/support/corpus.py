"""Where the real payloads are; tests that need them skip with a reason where they are not."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CORPUS = Path(os.environ.get("HOLDFAST_CORPUS", ROOT.parent / "shared" / "feeds"))


def corpus_dir(name: str) -> Path:
    """Return the folder of one source of real payloads, or skip the calling test."""
    folder = CORPUS / name
    if not folder.is_dir():
        pytest.skip(f"real payloads not here: {folder} (set HOLDFAST_CORPUS to their folder)")
    return folder
