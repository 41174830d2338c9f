"""``holdfast demo``: a told story through the whole product, on real servers and an accelerated clock."""

import re
from contextlib import ExitStack
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from holdfast.clock import Clock
    from holdfast.settings import Settings
    from holdfast.stack.supervise import Supervisor
    from holdfast.story.sinks import MailSink, WebhookSink
    from holdfast.story.summary import Summary

SHORTEST_S = 20.0
"""Below this the servers can't keep step with the story."""
PLAIN_WIDTH = 120
"""Columns where the output is no terminal, such as in a build log."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    headless: Annotated[
        bool, typer.Option("--headless", help="End by itself after the story, with a summary.")
    ] = False,
    for_: Annotated[str, typer.Option("--for", help="How long the story's week takes; 3m, or 60s headless.")] = "",
    json: Annotated[bool, typer.Option("--json", help="The summary as one JSON object.")] = False,
) -> None:
    """Start everything here and play a bad week with two providers through it. Ctrl-C ends it; the next starts anew."""
    from holdfast.kafka import KafkaUnreachableError
    from holdfast.stack import running
    from holdfast.stack.errors import StackError
    from holdfast.story.stage import StageError

    length_s = _seconds(for_ or ("60s" if headless else "3m"))
    try:
        with running.stoppable():
            problems = _Demo(length_s, headless=headless, as_json=json).run()
    except KeyboardInterrupt:
        typer.echo("Stopped; everything that was started has ended, data stays.", err=True)
        raise typer.Exit(1 if headless else 0) from None
    except (StackError, KafkaUnreachableError, StageError) as error:
        typer.echo(f"holdfast demo: {error}", err=True)
        raise typer.Exit(1) from error
    if problems:
        raise typer.Exit(1)


def _seconds(text: str) -> float:
    match = re.fullmatch(r"(\d+)(s|m)", text)
    seconds = float(match[1]) * (60 if match[2] == "m" else 1) if match else 0.0
    if seconds < SHORTEST_S:
        raise typer.BadParameter(f"{text!r}: write {SHORTEST_S:.0f}s or more, such as 60s or 5m", param_hint="--for")
    return seconds


class _Demo:
    """One run, from an empty stage to the summary."""

    def __init__(self, length_s: float, *, headless: bool, as_json: bool) -> None:
        from rich.console import Console

        self._length_s, self._headless, self._as_json = length_s, headless, as_json
        self._console = Console(stderr=as_json, highlight=False)
        if not self._console.is_terminal:
            self._console.width = PLAIN_WIDTH

    def run(self) -> list[str]:
        """Play; return what is not as it should be."""
        from holdfast.stack import running
        from holdfast.story import stage

        with ExitStack() as stack:
            settings = self._settings()
            stack.enter_context(running.alone(settings.data_dir))
            servers = stage.servers(settings, self._say)
            if servers is not None:
                stack.enter_context(servers)
            self._publish_documents(settings)
            clock = stage.clock_for(self._length_s)
            settings, webhook, mail = self._open_sinks(stack, settings, clock)
            pipeline = self._start(stack, settings, stage.SERVICES)
            board = self._start(stack, settings, stage.BOARD)
            for supervisor in (pipeline, board):
                stage.await_ready(supervisor)
                supervisor.in_background()
            self._play(settings, pipeline)
            stage.drain(settings)
            summary = self._summarise(settings, webhook, mail)
            self._show(summary)
            if not self._headless:
                board.stop()
                self._stay(stack, settings)
        return summary.problems

    def _start(self, stack: ExitStack, settings: "Settings", names: "Sequence[str]") -> "Supervisor":
        """Start services; they stop when the stack unwinds."""
        from holdfast.story import stage

        return stack.enter_context(stage.services(settings, names, self._say))

    def _settings(self) -> "Settings":
        """Return the demo's settings, with the board on its usual port or a free one."""
        from holdfast.settings import load
        from holdfast.stack import ports
        from holdfast.story import stage

        given = load()
        free = ports.is_free(ports.board_port(given))
        return stage.demo_settings(given, given.board_port if free else ports.pick_free(1)[0])

    def _open_sinks(
        self, stack: ExitStack, settings: "Settings", clock: "Clock"
    ) -> tuple["Settings", "WebhookSink", "MailSink"]:
        """Open the sinks; return the services' settings and the sinks."""
        from holdfast.stack.ports import pick_free
        from holdfast.story import sinks, stage

        secret = stage.fresh_secret()
        webhook = stack.enter_context(sinks.WebhookSink(secret, clock, self._told))
        mail = stack.enter_context(sinks.MailSink(pick_free(1)[0], self._told))
        return stage.on_stage(settings, clock, webhook.url, secret, mail.port), webhook, mail

    def _publish_documents(self, settings: "Settings") -> None:
        from holdfast import kafka
        from holdfast.story.stage import example_documents
        from models.documents import document_key, to_wire
        from models.topics import Stream

        kafka.ensure_topics(settings)
        with kafka.Publisher(settings) as publisher:
            for document in example_documents():
                publisher.send(Stream.DOCUMENTS, document_key(document), to_wire(document))

    def _play(self, settings: "Settings", supervisor: "Supervisor") -> None:
        from holdfast.kafka import Publisher
        from holdfast.story.player import play

        self._say(f"Board: http://{settings.board_host}:{settings.board_port}/   Logs: {supervisor.logs()}")
        self._say(f"One week in {self._length_s:.0f} s; times are the story's own, UTC. Now watch the board.")
        with Publisher(settings) as publisher:
            play(publisher, settings.clock, self._narrate)

    def _summarise(self, settings: "Settings", webhook: "WebhookSink", mail: "MailSink") -> "Summary":
        from holdfast import kafka, search, story
        from holdfast.story.rehearsal import rehearse
        from holdfast.story.stage import example_documents
        from holdfast.story.summary import summarise

        expected = rehearse(story.payloads(), example_documents(), story.ORIGIN + story.LENGTH)
        with search.client(settings) as client:
            return summarise(client, kafka.names(settings), expected, webhook.received, mail.received)

    def _show(self, summary: "Summary") -> None:
        from holdfast.story.show import show

        if self._as_json:
            import orjson

            typer.echo(orjson.dumps(summary.to_json(), option=orjson.OPT_INDENT_2).decode())
        else:
            show(self._console, summary)
        for problem in summary.problems:
            typer.echo(f"not as it should be: {problem}", err=True)

    def _stay(self, stack: ExitStack, settings: "Settings") -> None:
        """Keep all running until Ctrl-C, at the pace of real time, and let the board say so."""
        import time

        from holdfast.story import stage

        slow = settings.model_copy(update={"clock_text": stage.real_pace(settings.clock).to_text()})
        stage.await_ready(self._start(stack, slow, stage.BOARD))
        self._say("The story is over; from now on its clock goes at the pace of real time, and one incident is open.")
        self._say(f"The board stays at http://{settings.board_host}:{settings.board_port}/ until Ctrl-C; data stays.")
        self._say(f"In another terminal: HOLDFAST_PREFIX={settings.prefix} python3 run.py holdfast incidents --all")
        while True:
            time.sleep(1)

    def _say(self, line: str) -> None:
        self._console.print(line, style="dim", markup=False)

    def _narrate(self, instant: datetime, line: str) -> None:
        self._console.print(f"{instant:%a %H:%M}  {line}", markup=False)

    def _told(self, channel: str, line: str) -> None:
        self._console.print(f"           page by {channel}: {line}", style="bold yellow", markup=False)
