"""``holdfast mailbox``: take replies to pages by SMTP. The composition of ``consumers.mailbox``."""

from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from consumers.mail_receipt import ContactOf, ReplyAddresses
    from consumers.mailbox import Desk, Publish
    from consumers.pages_known import PagesKnown
    from holdfast.settings import Settings

DOCUMENTS_FRESH_S = 60.0
"""Real seconds for which documents in force are taken as they were read last."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("mailbox")(mailbox)


def mailbox() -> None:
    """Take replies to pages by SMTP, until stopped (Ctrl-C, SIGTERM); what they say goes into the stream."""
    import threading

    from kafka.errors import KafkaError

    from holdfast import kafka, logs
    from holdfast.settings import load
    from holdfast.signals import on_terminate

    settings = load()
    logs.configure(settings.log_level)
    ours = reply_addresses(settings)
    stopping = threading.Event()
    on_terminate(stopping.set)
    try:
        kafka.ensure_topics(settings)
        _run(settings, ours, stopping)
    except (kafka.KafkaUnreachableError, KafkaError, OSError, ValueError) as error:
        typer.echo(f"{error}\nNo mail is lost: senders keep it; start again when that is mended", err=True)
        raise typer.Exit(1) from error


def reply_addresses(settings: "Settings") -> "ReplyAddresses":
    """Return what makes a reply address one of ours, or end with what to set."""
    from consumers.mail_receipt import ReplyAddresses

    if settings.link_secret is None or settings.reply_domain is None:
        typer.echo(
            "Replies by mail are off: set HOLDFAST_LINK_SECRET and HOLDFAST_REPLY_DOMAIN, the same as for the notifier",
            err=True,
        )
        raise typer.Exit(2)
    return ReplyAddresses(settings.reply_domain, settings.link_secret.get_secret_value().encode())


def pages_known(settings: "Settings") -> "PagesKnown":
    """Return the follower of the pages of the last months, reading.

    Raises:
        KafkaError: if no broker answers.
    """
    from datetime import timedelta

    from consumers.pages_known import DAYS, PagesKnown
    from holdfast import kafka

    since = settings.clock.now() - timedelta(days=DAYS)
    pages = PagesKnown(kafka.options(settings), kafka.names(settings), since)
    pages.start()
    return pages


def contacts(settings: "Settings") -> "ContactOf":
    """Return what looks for the person that a page went to, in the documents in force."""
    import time

    from consumers.mail_receipt import contact_of
    from consumers.pages_known import KnownPage, NotCaughtUpError
    from holdfast import kafka
    from models.documents import Documents
    from models.provider import Contact

    read_at, in_force = -DOCUMENTS_FRESH_S, Documents()

    def find(page: KnownPage) -> Contact | None:
        nonlocal read_at, in_force
        if time.monotonic() - read_at >= DOCUMENTS_FRESH_S:
            try:
                in_force, read_at = kafka.read_documents(settings), time.monotonic()
            except kafka.KafkaUnreachableError as error:
                raise NotCaughtUpError(str(error)) from error
        return contact_of(page, in_force)

    return find


def _desk(settings: "Settings", ours: "ReplyAddresses", pages: "PagesKnown", publish: "Publish") -> "Desk":
    from consumers.mail_proof import resolver
    from consumers.mailbox import Desk

    return Desk(ours, pages.find, contacts(settings), resolver(settings.dns), publish, settings.clock)


def _run(settings: "Settings", ours: "ReplyAddresses", stopping: Any) -> None:
    """Listen once all pages are known, and until asked to stop."""
    import logging

    from consumers.mailbox import Mailbox, RawDoor
    from consumers.metrics import MailboxMetrics
    from holdfast import kafka
    from holdfast.beating import Beat, service_name

    metrics = MailboxMetrics()
    metrics.serve(settings.metrics_port)
    pages = pages_known(settings)
    door = RawDoor(kafka.options(settings), kafka.names(settings))
    metrics.pages.set_function(lambda: len(pages))
    try:
        while not stopping.is_set() and not pages.wait_ready(0.5):
            continue
        if stopping.is_set():
            return
        served = Mailbox(
            _desk(settings, ours, pages, door.publish), settings.mailbox_host, settings.mailbox_port, metrics
        )
        served.start()
        log = logging.getLogger("holdfast.mailbox")
        log.info("holdfast.mailbox ready port=%d pages=%d", settings.mailbox_port, len(pages))
        with Beat(settings, service_name("mailbox", settings.instance)):
            stopping.wait()
        served.stop()
    finally:
        pages.stop()
        door.close()
