"""Searches an installation's indices for whoever asks questions of the record. IO: Elasticsearch, read only."""

from collections.abc import Mapping
from typing import Any

from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch

from models.topics import Names


class SearchError(OSError):
    """Elasticsearch can't answer now; the message says where it was looked for and why not. Try again later."""


class SearchReader:
    """Implements ``models.questions.Reader``; one instance may be used from several threads."""

    def __init__(self, client: Elasticsearch, names: Names, address: str) -> None:
        self._client = client
        self._names = names
        self._address = address

    def search(self, index: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return Elasticsearch's answer to one search; a missing index is an empty one.

        Raises:
            SearchError: if it can't be reached, or refuses.
        """
        try:
            answered = self._client.search(
                index=self._names.index(index), body=dict(body), ignore_unavailable=True, allow_no_indices=True
            )
        except TransportError as error:
            raise SearchError(f"Elasticsearch can't be reached at {self._address}: {error}") from error
        except ApiError as error:
            raise SearchError(f"Elasticsearch refused a search ({error.status_code}): {error.message}") from error
        return dict(answered.body)
