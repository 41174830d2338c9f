"""One document of the index by its name, as reports and answers refer to it. IO: HTTP, Elasticsearch."""

from fastapi import APIRouter, HTTPException
from fastapi.responses import JSONResponse

from board.live import Live
from models.derived import DERIVED
from models.topics import Stream

INDICES = frozenset({
    "notices", Stream.INCIDENTS.value, Stream.CLOCKS.value, Stream.PLANS.value, Stream.PAGES.value,
    Stream.DELIVERIES.value, Stream.COMMUNICATIONS.value, *DERIVED,
})  # fmt: skip
"""Own names of the indices that are read here."""


def router(live: Live) -> APIRouter:
    """Return the route."""
    routes = APIRouter()

    @routes.get("/api/documents/{index}/{document_id}")
    def document(index: str, document_id: str) -> JSONResponse:
        """Return a document as it is in the index."""
        if index not in INDICES:
            raise HTTPException(404, f"no index {index!r}; there are {', '.join(sorted(INDICES))}")
        found = live.store.document(index, document_id)
        if found is None:
            raise HTTPException(404, f"no document {index}/{document_id}, or none yet")
        return JSONResponse(found)

    return routes
