"""``holdfast notify``: bring pages to people."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from consumers.notifier import Notifier
    from holdfast.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("notify")(notify)


def notify(
    once: Annotated[
        bool,
        typer.Option("--once", help="Deliver what is due now, then end; pages held to be told with others are left."),
    ] = False,
) -> None:
    """Deliver pages by every channel, and put every attempt on record."""
    import asyncio

    from kafka.errors import KafkaError

    from consumers.notifier import GROUP, PartitionsDifferError
    from holdfast import kafka, logs
    from holdfast.beating import Beat, service_name
    from holdfast.settings import load
    from holdfast.signals import on_terminate
    from models.topics import Stream

    settings = load()
    logs.configure(settings.log_level)

    async def run() -> None:
        notifier = make_notifier(settings)
        on_terminate(notifier.stop)
        if once:
            await notifier.run(once=True)
            return
        with Beat(settings, service_name("notify", settings.instance), notifier.figures, {GROUP: (Stream.PAGES,)}):
            await notifier.run()

    try:
        kafka.ensure_topics(settings)
        asyncio.run(run())
    except (kafka.KafkaUnreachableError, PartitionsDifferError, KafkaError, OSError, ValueError) as error:
        typer.echo(f"{error}\nNothing is lost; start again when that is mended", err=True)
        raise typer.Exit(1) from error


def make_notifier(settings: "Settings") -> "Notifier":
    """Return a notifier for an installation, its metrics served.

    Raises:
        KafkaError: if no broker answers.
        SettingsError: if a variable of a channel or of the links does not fit; the message names it.
    """
    from consumers.courier import Limits
    from consumers.metrics import NotifierMetrics
    from consumers.notifier import Notifier
    from holdfast import kafka
    from holdfast.channels import make_channels, make_links

    limits = Limits(
        attempts=settings.page_attempts,
        first_pause_s=settings.page_first_pause_s,
        grace_s=3 * settings.page_timeout_s + 5,
    )
    metrics = NotifierMetrics()
    metrics.serve(settings.metrics_port)
    channels, links = make_channels(settings), make_links(settings)
    return Notifier(
        kafka.options(settings), kafka.names(settings), channels, settings.clock, limits, metrics, links.answer_url
    )
