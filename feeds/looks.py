"""What a poller must remember over restarts, so that ``received_after`` stays true. IO: one small file per feed."""

import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from models.instants import format_instant, parse_instant


@dataclass(frozen=True)
class Seen:
    """The last successful look at one URL, and how things stand since."""

    url: str
    last_look: datetime | None = None
    """When the last request that was answered with content, or with "not modified", was sent."""
    etag: str | None = None
    last_modified: str | None = None
    digest: str | None = None
    """Of the last content that was published."""
    failures: int = 0
    """In a row, since the last success."""
    trouble: str | None = None
    """Why the last one failed."""


class Looks:
    """The files, ``<feed>.json`` in one directory; written whole or not at all."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def load(self, feed: str, url: str) -> Seen:
        """Return what is remembered; nothing, where the file is missing, damaged, or of another URL."""
        try:
            content: Any = orjson.loads(self._path(feed).read_bytes())
            if content["url"] != url:
                return Seen(url)
            look = content.pop("last_look")
            return Seen(last_look=parse_instant(look) if look else None, **content)
        except (OSError, ValueError, KeyError, TypeError):
            return Seen(url)

    def save(self, feed: str, seen: Seen) -> None:
        """Replace the file; after a crash it is the old one or the new one.

        Raises:
            OSError: if the directory can't be written; the poll counts as failed.
        """
        self._directory.mkdir(parents=True, exist_ok=True)
        look = format_instant(seen.last_look) if seen.last_look else None
        path = self._path(feed)
        draft = path.with_suffix(".draft")
        with draft.open("wb") as file:
            file.write(orjson.dumps({**asdict(seen), "last_look": look}))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)

    def _path(self, feed: str) -> Path:
        return self._directory / f"{feed}.json"
