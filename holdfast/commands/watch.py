"""``holdfast watch``: who watches the watcher."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from consumers.deadman import DeadMan
    from holdfast.settings import Settings
    from models.watch import Finding, Judgement


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("watch")(watch)


def watch(
    once: Annotated[bool, typer.Option("--once", help="Judge what is known now, then end.")] = False,
    json: Annotated[bool, typer.Option("--json", help="With --once: one JSON object.")] = False,
    expect: Annotated[
        list[str] | None,
        typer.Option(metavar="SERVICE", help="A service that has to be there; more than once. Default: all."),
    ] = None,
    audit_every: Annotated[
        float, typer.Option(min=0, max=1440, help="Minutes between two runs of `holdfast audit`; 0: none.")
    ] = 15.0,
    forget: Annotated[
        str | None, typer.Option(metavar="SERVICE", help="Miss an instance, such as worker/2, no more; then end.")
    ] = None,
) -> None:
    """Listen to the services' heartbeats; call HOLDFAST_DEADMAN_URL while all is well. --once: exit 1 on findings."""
    from holdfast import kafka, logs, watching
    from holdfast.settings import load

    if json and not once:
        raise typer.BadParameter("give it with --once", param_hint="--json")
    settings = load()
    logs.configure(settings.log_level)
    wanted = tuple(expect) if expect else watching.expected_services(settings)
    try:
        if forget is not None:
            watching.forget(settings, forget)
        elif once:
            _once(settings, wanted, as_json=json)
        else:
            _until_stopped(settings, wanted, 60 * audit_every)
    except kafka.KafkaUnreachableError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


def _once(settings: "Settings", expected: tuple[str, ...], *, as_json: bool) -> None:
    import orjson

    from holdfast import kafka, watching

    kafka.await_broker(settings)
    watch = watching.Watch(settings, expected)
    judgement = watch.look(at_once=True)
    watch.close()
    typer.echo(orjson.dumps(watching.as_json(judgement)).decode() if as_json else as_text(judgement))
    if judgement.findings:
        raise typer.Exit(1)


def as_text(judgement: "Judgement") -> str:
    """Return a judgement as lines: each finding, and below it the next step."""
    lines = [line for one in judgement.findings for line in _lines(one)]
    return "\n".join(lines or ["Every service is there and gets on."])


def _lines(finding: "Finding") -> tuple[str, str]:
    return f"{finding.severity.value:<8} {finding.words}", f"{'':<8} next: {finding.next_step}"


def _until_stopped(settings: "Settings", expected: tuple[str, ...], audit_every_s: float) -> None:
    import threading

    from consumers.metrics import WatchMetrics
    from holdfast import watching
    from holdfast.auditor import Auditor
    from holdfast.beating import Beat, service_name
    from holdfast.signals import on_terminate

    stop = threading.Event()
    on_terminate(stop.set)
    metrics = WatchMetrics()
    metrics.serve(settings.metrics_port)
    auditor = Auditor(settings, audit_every_s)
    if audit_every_s:
        auditor.start()
    watch = watching.Watch(settings, expected, _deadman(settings), auditor.findings, metrics)
    with Beat(settings, service_name("watch", settings.instance), watch.figures):
        watch.run(stop)


def _deadman(settings: "Settings") -> "DeadMan | None":
    import logging

    from consumers.deadman import DeadMan

    if settings.deadman_url is None:
        logging.getLogger("holdfast.watch").warning(
            "nobody is called while all is well: if this machine fails, nobody is told; set HOLDFAST_DEADMAN_URL"
        )
        return None
    for name in ("httpx", "httpcore"):  # at DEBUG they log the address, which is the secret
        logging.getLogger(name).setLevel(logging.WARNING)
    secret = settings.webhook_secret
    try:
        return DeadMan(settings.deadman_url, settings.clock.now, secret.get_secret_value().encode() if secret else None)
    except ValueError as error:
        typer.echo(f"{error}\nNext step: correct it; docs/reference/settings.md tells each variable", err=True)
        raise typer.Exit(2) from error
