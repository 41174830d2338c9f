"""Sends data views and dashboards to a Kibana. IO: HTTP.

Everything has an id of ours and is put, not posted: loading again changes what is there and doubles nothing.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import orjson

from dashboards.kibana.boards import dashboards
from dashboards.kibana.data_views import data_views
from dashboards.kibana.models import DataView
from models.topics import Names

API_VERSION = "2023-10-31"
TIMEOUT_S = 30.0
TOLD_AT_MOST = 600
"""Characters of Kibana's own message that are passed on."""


class KibanaError(Exception):
    """Kibana can't be reached or refused; the message holds its own words and the next step."""


def files(names: Names) -> dict[str, bytes]:
    """Return what ``build`` writes, by file name: the bodies that ``load`` sends. Same names, same bytes."""
    option = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    written = {"data-views.json": orjson.dumps([view.to_api() for view in data_views(names)], option=option)}
    for dashboard in dashboards(names):
        written[f"{dashboard.id.removeprefix(names.index(''))}.json"] = orjson.dumps(dashboard.to_api(), option=option)
    return written


def load(client: httpx.Client, names: Names) -> Iterator[str]:
    """Send all data views, then all dashboards; yield what is done, in words.

    Args:
        client: whose base address is Kibana's, with its credentials.
        names: of the installation.

    Raises:
        KibanaError: if Kibana can't be reached or refuses one; those yielded before are in place.
    """
    views: Sequence[DataView] = data_views(names)
    for view in views:
        _send(client, "POST", "/api/data_views/data_view", view.to_api(), f"data view {view.id}")
    yield f"{len(views)} data views"
    for dashboard in dashboards(names):
        path = f"/api/dashboards/{dashboard.id}"
        _send(client, "PUT", path, dashboard.to_api(), f"dashboard {dashboard.id}")
        yield f"dashboard {dashboard.title}: {client.base_url}app/dashboards#/view/{dashboard.id}"


def connect(address: str, *, space: str | None = None, **credentials: Any) -> httpx.Client:
    """Return a client for a Kibana.

    Args:
        address: such as ``https://kibana.example:5601``.
        space: Kibana space; None is the default one.
        credentials: ``api_key``, ``basic_auth`` and ``ca_certs`` as an Elasticsearch client takes them; others are
            left alone.
    """
    base = address.rstrip("/") + (f"/s/{space}" if space else "") + "/"
    headers = {"kbn-xsrf": "true", "Elastic-Api-Version": API_VERSION, "Content-Type": "application/json"}
    if "api_key" in credentials:
        headers["Authorization"] = f"ApiKey {credentials['api_key']}"
    verify = httpx.create_ssl_context(verify=credentials.get("ca_certs", True))
    return httpx.Client(
        base_url=base, headers=headers, auth=credentials.get("basic_auth"), timeout=TIMEOUT_S, verify=verify
    )


def _send(client: httpx.Client, method: str, path: str, body: dict[str, Any], what: str) -> None:
    try:
        answer = client.request(method, path.lstrip("/"), content=orjson.dumps(body))
    except httpx.HTTPError as error:
        raise KibanaError(f"no Kibana at {client.base_url}: {error}; give its address with --kibana") from error
    if answer.is_success:
        return
    raise KibanaError(f"Kibana refused {what} ({answer.status_code}): {_message(answer)}{_advice(answer.status_code)}")


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
        return "; dashboards as code need Kibana 9.4 or later"
    return ""
