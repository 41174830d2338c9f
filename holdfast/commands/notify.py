"""``holdfast notify``: bring pages to people."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from consumers.channels import Channel
    from consumers.notifier import Notifier
    from holdfast.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("notify")(notify)


def notify(
    once: Annotated[bool, typer.Option("--once", help="Deliver what is on the topic now, then end.")] = False,
) -> None:
    """Deliver pages by webhook and e-mail, and put every attempt on record."""
    import asyncio

    from kafka.errors import KafkaError

    from consumers.notifier import PartitionsDifferError
    from holdfast import kafka, logs
    from holdfast.settings import load
    from holdfast.signals import on_terminate

    settings = load()
    logs.configure(settings.log_level)

    async def run() -> None:
        notifier = make_notifier(settings)
        on_terminate(notifier.stop)
        await notifier.run(once=once)

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
        ValueError: if the mail settings would send a password in the clear.
    """
    from consumers.courier import Limits
    from consumers.metrics import NotifierMetrics
    from consumers.notifier import Notifier
    from holdfast import kafka

    limits = Limits(
        attempts=settings.page_attempts,
        first_pause_s=settings.page_first_pause_s,
        grace_s=3 * settings.page_timeout_s + 5,
    )
    metrics = NotifierMetrics()
    metrics.serve(settings.metrics_port)
    return Notifier(
        kafka.options(settings), kafka.names(settings), _channels(settings), settings.clock, limits, metrics
    )


def _channels(settings: "Settings") -> "dict[str, Channel]":
    import logging

    from consumers.channels import Console, Mail, MailServer, Webhook

    secret = settings.webhook_secret
    if secret is None:
        logging.getLogger("holdfast.notify").warning(
            "webhook pages go out unsigned: receivers can't tell who sent them; set HOLDFAST_WEBHOOK_SECRET"
        )
    server = MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        starttls=settings.smtp_starttls,
        user=settings.smtp_user,
        password=settings.smtp_password.get_secret_value() if settings.smtp_password else None,
        sender=settings.mail_from,
    )
    now, timeout_s = settings.clock.now, settings.page_timeout_s
    late_from_s = settings.late_after_s * settings.clock.speed
    key = secret.get_secret_value().encode() if secret else None
    return {
        "webhook": Webhook(now, settings.webhook_url, key, timeout_s, late_from_s=late_from_s),
        "email": Mail(now, server, timeout_s, late_from_s),
        "console": Console(late_from_s),
    }
