"""Elasticsearch for the composition root: one way to make the client. IO: none until the client is used."""

from typing import Any

from elasticsearch import Elasticsearch

from holdfast.settings import Settings


def client(settings: Settings) -> Elasticsearch:
    """Return a client for the configured cluster; ours retries, so the transport does not."""
    return Elasticsearch(**options(settings))


def options(settings: Settings) -> dict[str, Any]:
    """Return the arguments of an ``Elasticsearch`` or ``AsyncElasticsearch`` client."""
    arguments: dict[str, Any] = {"hosts": [settings.elasticsearch], "max_retries": 0, "request_timeout": 30}
    if settings.elasticsearch_api_key is not None:
        arguments["api_key"] = settings.elasticsearch_api_key.get_secret_value()
    elif settings.elasticsearch_user is not None and settings.elasticsearch_password is not None:
        arguments["basic_auth"] = (settings.elasticsearch_user, settings.elasticsearch_password.get_secret_value())
    if settings.elasticsearch_ca is not None:
        arguments["ca_certs"] = str(settings.elasticsearch_ca)
    return arguments
