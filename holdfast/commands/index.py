"""``holdfast index``: bring what is on the topics into Elasticsearch."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

    from consumers.indexer import Indexer
    from holdfast.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("index")(index)


def index(
    once: Annotated[bool, typer.Option("--once", help="Index what is on the topics now, then end.")] = False,
) -> None:
    """Write notices, incidents, clocks, plans, pages, deliveries and dead letters to Elasticsearch."""
    from kafka.errors import KafkaError

    from consumers.bulk import INDEXED
    from consumers.indexer import GROUP
    from dashboards.install import MappingChangedError
    from holdfast import logs
    from holdfast.beating import Beat, service_name
    from holdfast.kafka import KafkaUnreachableError
    from holdfast.settings import load
    from holdfast.signals import on_terminate

    settings = load()
    logs.configure(settings.log_level)
    try:
        indexer = make_indexer(settings)
        on_terminate(indexer.stop)
        if once:
            indexer.run(once=True)
            return
        with Beat(settings, service_name("index", settings.instance), indexer.figures, {GROUP: INDEXED}):
            indexer.run()
    except (KafkaUnreachableError, MappingChangedError, KafkaError, OSError) as error:
        typer.echo(f"{error}\nNothing is lost; start again when that is mended", err=True)
        raise typer.Exit(1) from error


def make_indexer(settings: "Settings", on_progress: "Callable[[int], None]" = lambda _: None) -> "Indexer":
    """Return an indexer for an installation, its topics made and its metrics served.

    Raises:
        KafkaUnreachableError: if no broker answers.
    """
    from functools import partial

    from consumers.indexer import Connections, Indexer
    from consumers.metrics import IndexerMetrics
    from dashboards.install import install_templates
    from holdfast import kafka, search

    kafka.ensure_topics(settings)
    names, client = kafka.names(settings), search.client(settings)
    metrics = IndexerMetrics()
    metrics.serve(settings.metrics_port)
    prepare = partial(install_templates, client, names)
    return Indexer(Connections(kafka.options(settings), names, client, prepare), metrics, on_progress)
