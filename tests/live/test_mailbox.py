"""Mail in, clock stopped: a reply by SMTP goes all the way to the ledger, and the acknowledgement is on record."""

import smtplib
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from feeds.answers import of_mail
from holdfast import kafka
from holdfast.settings import Settings
from holdfast.stack import artifacts
from holdfast.stack.child import Child
from holdfast.stack.local import kafka_answers, kafka_child
from holdfast.stack.ports import pick_free
from models.communication import Communication
from models.documents import document_key, to_wire
from models.notice import Notice, Phase
from models.paging import Page
from models.raw import DeadLetter, RawPayload
from models.records import ClockDocument, IncidentDocument, Objective, Verdict
from models.topics import Stream
from streams.config import changelogs
from tests.support import fleet, ledger, topics
from tests.support.mails import DOMAIN, SECRET, address, page, reply
from tests.support.processes import Service
from tests.support.stack import stack_settings

pytestmark = pytest.mark.live
READY = "holdfast.mailbox ready"


def with_mailbox(settings: Settings) -> Settings:
    """Return an installation whose pages can be answered by mail."""
    return Settings(
        _env_file=None,
        **{
            **{name: getattr(settings, name) for name in settings.model_fields_set},
            "link_secret": SECRET.decode(),
            "reply_domain": DOMAIN,
            "mailbox_port": pick_free(1)[0],
            "dns": "127.0.0.1:9",
        },
    )


def send(settings: Settings, text: str, *pages: Page) -> None:
    """Reply to pages."""
    with smtplib.SMTP("127.0.0.1", settings.mailbox_port, timeout=180) as client:
        client.sendmail("duty@nimbus.example", [address(one.page_id) for one in pages], bytes(reply(text, *pages)))


def told(settings: Settings, stream: Stream, read: Callable[[bytes], object]) -> list[object]:
    """Return what of a topic can be read as one kind of document."""
    found = []
    for value in topics.values(settings, stream):
        try:
            found.append(read(value))
        except ValueError:
            continue
    return found


def test_a_reply_stops_the_clock_of_the_acknowledgement_and_is_put_on_record(installation: Settings) -> None:
    settings = with_mailbox(installation)
    kafka.ensure_topics(settings, changelogs(kafka.names(settings)))
    with kafka.Publisher(settings) as publisher:
        for document in ledger.documents():
            publisher.send(Stream.DOCUMENTS, document_key(document), to_wire(document))
    reported = next(fleet.history("nimbus", 1, fleet.now() - timedelta(seconds=30), restored=False))
    with Service("worker", settings) as worker, Service("mailbox", settings) as mailbox:
        worker.wait_ready("holdfast.worker ready")
        mailbox.wait_ready(READY)
        with kafka.Publisher(settings) as publisher:
            publisher.send(Stream.LEDGER, "nimbus", reported.to_wire(), fleet.ledger_headers(reported))
        topics.wait_until(lambda: told(settings, Stream.INCIDENTS, IncidentDocument.from_wire))
        incident = told(settings, Stream.INCIDENTS, IncidentDocument.from_wire)[-1]
        assert isinstance(incident, IncidentDocument)
        sent = page(
            incident_id=incident.incident_id,
            source=reported.source,
            source_incident_id=reported.source_incident_id,
            expires_at=fleet.now() + timedelta(days=7),
        )
        topics.publish(settings, [sent])
        send(settings, "We are on it", sent)
        topics.wait_until(lambda: Verdict.MET in acknowledged(settings))
    notices = [one for one in told(settings, Stream.LEDGER, Notice.from_wire) if isinstance(one, Notice)]
    assert [(one.phase, one.person, one.text) for one in notices][-1] == (Phase.ACKNOWLEDGED, "duty", "We are on it")
    (entry,) = told(settings, Stream.COMMUNICATIONS, Communication.from_wire)
    assert isinstance(entry, Communication)
    assert (entry.page_id, entry.channel, entry.incident_ids) == (sent.page_id, "email", (incident.incident_id,))
    letters = [one for one in told(settings, Stream.DEAD_LETTERS, DeadLetter.from_wire) if isinstance(one, DeadLetter)]
    assert [one.reason for one in letters if one.stage == "normalise"] == []


def acknowledged(settings: Settings) -> set[Verdict]:
    """Return the verdicts on the acknowledgement so far."""
    clocks = told(settings, Stream.CLOCKS, ClockDocument.from_wire)
    return {one.verdict for one in clocks if isinstance(one, ClockDocument) and one.objective is Objective.ACKNOWLEDGE}


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[tuple[Settings, Child]]:
    """Yield a broker that the test may stop and start again."""
    settings = stack_settings(tmp_path / "own-broker")
    broker = kafka_child(settings, artifacts.fetch(settings, artifacts.KAFKA))
    broker.start()
    try:
        topics.wait_until(lambda: kafka_answers(settings))
        yield settings, broker
    finally:
        broker.stop()


def test_while_the_broker_is_away_mail_stays_with_its_sender_and_comes_once(
    own_broker: tuple[Settings, Child],
) -> None:
    settings, broker = with_mailbox(own_broker[0]), own_broker[1]
    kafka.ensure_topics(settings)
    sent = page(expires_at=fleet.now() + timedelta(days=7))
    topics.publish(settings, [sent])
    with Service("mailbox", settings) as mailbox:
        mailbox.wait_ready(READY)
        broker.stop()
        with pytest.raises(smtplib.SMTPDataError) as caught:
            send(settings, "We are on it", sent)
        assert caught.value.smtp_code == 451
        broker.start()
        topics.wait_until(lambda: kafka_answers(settings))
        topics.wait_until(lambda: taken(settings, sent))
    payloads = [RawPayload.from_wire(value) for value in topics.values(settings, Stream.RAW)]
    found = [of_mail(one.body).decisions[0].decision_id for one in payloads]
    assert len(set(found)) == 1, "what was taken twice because nobody knew is one answer"


def taken(settings: Settings, sent: Page) -> bool:
    """Try as a mail server does; return whether it was taken."""
    try:
        send(settings, "We are on it", sent)
    except smtplib.SMTPDataError:
        return False
    return True


def test_saved_mails_are_brought_as_files(
    installation: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from typer.testing import CliRunner

    from holdfast.cli import build
    from holdfast.stack.supervise import environment
    from models.notice import Identity

    settings = with_mailbox(installation)
    sent = page(expires_at=fleet.now() + timedelta(days=7))
    topics.publish(settings, [sent])
    saved = tmp_path / "reply.eml"
    saved.write_bytes(bytes(reply("We are on it", sent)))
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    done = CliRunner().invoke(build(), ["ingest", "--feed", "answers", "--format", "answer-mail", str(saved)])
    assert done.exit_code == 0, done.output
    (payload,) = [RawPayload.from_wire(value) for value in topics.values(settings, Stream.RAW)]
    (decision,) = of_mail(payload.body).decisions
    assert (decision.person, decision.identity) == ("duty", Identity.UNVERIFIED)
    wrong = CliRunner().invoke(build(), ["ingest", "--feed", "nimbus-status", "--format", "answer-mail", str(saved)])
    assert wrong.exit_code == 2
    assert "--feed answers" in wrong.output
