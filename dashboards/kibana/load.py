"""Sends data views and boards to a Kibana. IO: HTTP.

Everything has an id of ours and is put or written over: loading again changes what is there and doubles nothing.
"""

import re
import ssl
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import orjson

from dashboards.kibana.boards import dashboards
from dashboards.kibana.build import objects
from dashboards.kibana.data_views import data_views
from dashboards.kibana.models import Dashboard
from dashboards.kibana.ndjson import Saved, only_saved, to_ndjson
from models.topics import Names

API_VERSION = "2023-10-31"
TIMEOUT_S = 30.0
TOLD_AT_MOST = 600
"""Characters of Kibana's own message that are passed on."""
OLDEST, WITH_API = (8, 19), (9, 4)
"""First Kibanas that read our saved objects, and that have a dashboards API."""
JSON = {"Content-Type": "application/json"}


class KibanaError(Exception):
    """Kibana can't be reached or refused; the message holds its own words and the next step."""


def load(client: httpx.Client, names: Names, *, board: str | None = None, ndjson: bool = False) -> Iterator[str]:
    """Send all data views, then all boards; yield what is done, in words.

    Kibana 9.4 and later gets boards by the dashboards API, except those with Vega or a map, which it takes as saved
    objects only. An older one, from 8.19 on, gets everything as saved objects.

    Args:
        client: whose base address is Kibana's, with its credentials.
        names: of the installation.
        board: address of our own board; without one nothing leads there.
        ndjson: everything as saved objects, whatever the version.

    Raises:
        KibanaError: if Kibana can't be reached, is too old or refuses one; those yielded before are in place.
    """
    boards = dashboards(names)
    if ndjson or _version(client) < WITH_API:
        _import(client, objects(names, board))
        yield f"{len(data_views(names))} data views"
        yield from (_told(client, one) for one in boards)
        return
    yield _send_views(client, names)
    for one in boards:
        if not only_saved(one):
            body = orjson.dumps(one.to_api(board))
            _ask(client, "PUT", f"api/dashboards/{one.id}", f"dashboard {one.id}", content=body, headers=JSON)
            yield _told(client, one)
    yield from _send_saved(client, names, board, [one for one in boards if only_saved(one)])


def connect(address: str, *, space: str | None = None, **credentials: Any) -> httpx.Client:
    """Return a client for a Kibana.

    Args:
        address: such as ``https://kibana.example:5601``.
        space: Kibana space; None is the default one.
        credentials: ``api_key``, ``basic_auth`` and ``ca_certs`` as an Elasticsearch client takes them; others are
            left alone.
    """
    base = address.rstrip("/") + (f"/s/{space}" if space else "") + "/"
    headers = {"kbn-xsrf": "true", "Elastic-Api-Version": API_VERSION}
    if "api_key" in credentials:
        headers["Authorization"] = f"ApiKey {credentials['api_key']}"
    authority = credentials.get("ca_certs")
    verify = True if authority is None else ssl.create_default_context(cafile=authority)
    return httpx.Client(
        base_url=base, headers=headers, auth=credentials.get("basic_auth"), timeout=TIMEOUT_S, verify=verify
    )


def _version(client: httpx.Client) -> tuple[int, int]:
    """Return Kibana's version, of which 9.4.2 is (9, 4)."""
    status = _ask(client, "GET", "api/status", "its status")
    number = status.get("version", {}).get("number", "") if isinstance(status, dict) else ""
    match = re.match(r"(\d+)\.(\d+)", str(number))
    if match is None:
        raise KibanaError(f"Kibana at {client.base_url} does not say its version; load saved objects with --ndjson")
    version = int(match[1]), int(match[2])
    if version < OLDEST:
        raise KibanaError(f"Kibana {number} is too old: these boards need 8.19 or later")
    return version


def _send_views(client: httpx.Client, names: Names) -> str:
    views = data_views(names)
    for view in views:
        body = orjson.dumps(view.to_api())
        _ask(client, "POST", "api/data_views/data_view", f"data view {view.id}", content=body, headers=JSON)
    return f"{len(views)} data views"


def _send_saved(client: httpx.Client, names: Names, board: str | None, boards: Sequence[Dashboard]) -> Iterator[str]:
    if not boards:
        return
    _import(client, [one for one in objects(names, board, boards) if one["type"] != "index-pattern"])
    yield from (_told(client, one) for one in boards)


def _import(client: httpx.Client, saved: Sequence[Saved]) -> None:
    """Import saved objects over those that are there. Kibana answers 200 even where it took only some."""
    file = {"file": ("holdfast.ndjson", to_ndjson(saved), "application/ndjson")}
    path = "api/saved_objects/_import"
    answer = _ask(client, "POST", path, "the saved objects", params={"overwrite": "true"}, files=file)
    if isinstance(answer, dict) and answer.get("success") is True:
        return
    errors = answer.get("errors") if isinstance(answer, dict) else None
    told = "; ".join(map(_refusal, errors)) if isinstance(errors, list) and errors else str(answer)
    raise KibanaError(f"Kibana did not take all saved objects: {told[:TOLD_AT_MOST]}")


def _refusal(error: Any) -> str:
    """Return one error of an import in words: the object, Kibana's reason, and what it misses."""
    if not isinstance(error, dict):
        return str(error)
    cause = error.get("error", {})
    missing = [f"{one.get('type')} {one.get('id')}" for one in cause.get("references", ())]
    words = cause.get("message") or cause.get("type", "refused")
    return f"{error.get('type')} {error.get('id')}: {words}" + (f" ({', '.join(missing)})" if missing else "")


def _told(client: httpx.Client, dashboard: Dashboard) -> str:
    return f"dashboard {dashboard.title}: {client.base_url}app/dashboards#/view/{dashboard.id}"


def _ask(client: httpx.Client, method: str, path: str, what: str, **content: Any) -> Any:
    """Send one request and return the JSON of its answer, None where there is none."""
    try:
        answer = client.request(method, path, **content)
    except httpx.HTTPError as error:
        raise KibanaError(f"no Kibana at {client.base_url}: {error}; give its address with --kibana") from error
    if not answer.is_success:
        told = f"Kibana refused {what} ({answer.status_code}): {_message(answer)}"
        raise KibanaError(told + _advice(answer.status_code))
    try:
        return answer.json()
    except ValueError:
        return None


def _message(answer: httpx.Response) -> str:
    try:
        told = answer.json()
    except ValueError:
        return answer.text[:TOLD_AT_MOST]
    return str(told.get("message", told) if isinstance(told, dict) else told)[:TOLD_AT_MOST]


def _advice(status: int) -> str:
    if status in (401, 403):
        return "; the credentials are those of HOLDFAST_ELASTICSEARCH_*: they need write access to Kibana's dashboards"
    if status == 404:
        return "; is it Kibana's address, and is there such a space? --ndjson loads saved objects instead"
    return ""
