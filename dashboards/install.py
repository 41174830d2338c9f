"""Puts index templates into Elasticsearch, and takes Holdfast's indices out of it. IO: Elasticsearch."""

import re

from elasticsearch import BadRequestError, Elasticsearch, NotFoundError

from dashboards.templates import CURRENT, DERIVED, KINDS, component_templates, first_index, index_templates, mapping
from models.topics import Names


class MappingChangedError(Exception):
    """A field changed its type since an index was made; the message names the index and the way out."""


def install_templates(client: Elasticsearch, names: Names) -> None:
    """Put all templates, bring existing indices up to them and make the indices of kinds that have one only.

    Safe to repeat, and for two processes at once. Monthly indices come into being with their first document, so until
    then their alias is missing: search with ``ignore_unavailable``.

    Args:
        client: of the cluster; its errors come through: retry on ``TransportError``, 429 and 5xx.
        names: of the installation.

    Raises:
        MappingChangedError: if an existing index can't take the new mapping; run ``holdfast rebuild``.
    """
    for name, body in component_templates(names).items():
        client.cluster.put_component_template(name=name, template=body["template"], meta=body["_meta"])
    for name, body in index_templates(names).items():
        client.indices.put_index_template(
            name=name,
            index_patterns=body["index_patterns"],
            priority=body["priority"],
            composed_of=body["composed_of"],
            template=body["template"],
            meta=body["_meta"],
        )
    present = own_indices(client, names)
    for kind in (*CURRENT, *DERIVED):
        if first_index(names, kind) not in present:
            _create(client, first_index(names, kind))
    for index in present:
        _update(client, index, kind_of(names, index))


def own_indices(client: Elasticsearch, names: Names) -> list[str]:
    """Return the concrete indices of this installation, sorted; never one of another prefix."""
    pattern = ",".join(names.index(f"{kind}-*") for kind in KINDS)
    found = client.indices.get_settings(
        index=pattern, ignore_unavailable=True, allow_no_indices=True, filter_path="*.settings.index.uuid"
    )
    return sorted(index for index in found.body if _is_own(names, index))


def delete_indices(client: Elasticsearch, names: Names) -> list[str]:
    """Delete the concrete indices of this installation; return their names. What is not computed is on the topics."""
    doomed = own_indices(client, names)
    for index in doomed:
        try:
            client.indices.delete(index=index)
        except NotFoundError:
            continue  # somebody else was faster
    return doomed


def _is_own(names: Names, index: str) -> bool:
    kinds = "|".join(re.escape(kind) for kind in KINDS)
    return re.fullmatch(rf"{re.escape(names.prefix)}-({kinds})-(\d{{4}}-\d{{2}}|\d{{6}})", index) is not None


def kind_of(names: Names, index: str) -> str:
    """Return the kind of one of our concrete indices, such as ``clocks`` of ``holdfast-clocks-000001``."""
    return next(kind for kind in KINDS if re.fullmatch(rf"{re.escape(names.index(kind))}-[\d-]+", index))


def _create(client: Elasticsearch, index: str) -> None:
    try:
        client.indices.create(index=index)
    except BadRequestError as error:
        if error.error != "resource_already_exists_exception":
            raise


def _update(client: Elasticsearch, index: str, kind: str) -> None:
    """Add fields that an index lacks; templates only act when an index is made."""
    wanted = mapping(kind)
    try:
        client.indices.put_mapping(index=index, dynamic=wanted["dynamic"], properties=wanted["properties"])
    except BadRequestError as error:
        raise MappingChangedError(
            f"index {index} was made with another mapping ({error.message}: {error.info}); run `holdfast rebuild`"
        ) from error
