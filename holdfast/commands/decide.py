"""``holdfast acknowledge``, ``mute`` and ``unmute``: what our own people decide. IO: Elasticsearch, Kafka."""

from typing import TYPE_CHECKING, Annotated

import typer

from holdfast.commands.incidents import index_of

if TYPE_CHECKING:
    from holdfast.settings import Settings
    from models.decision import Action, Decision
    from models.instruction import Instruction

IncidentId = Annotated[
    str, typer.Argument(metavar="ID", help="Incident id, the source's own id, or a unique beginning of either.")
]
MaybeIncidentId = Annotated[
    str | None, typer.Argument(metavar="ID", help="Incident id, the source's own id, or a unique beginning.")
]
By = Annotated[str, typer.Option(help="Who decided: a contact id of the provider's document, or a member of a rota.")]
SideName = Annotated[str | None, typer.Option(help="Whose ladder, provider or customer; default: both.")]
ProviderName = Annotated[str | None, typer.Option(help="All incidents of this provider, in place of one.")]
Json = Annotated[bool, typer.Option("--json", help="The decision as one JSON object.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("acknowledge")(acknowledge)
    app.command("mute")(mute)
    app.command("unmute")(unmute)


def acknowledge(
    incident_id: IncidentId,
    by: By,
    side: Annotated[str, typer.Option(help="Whose ladder: customer, or provider if they told you.")] = "customer",
    reason: Annotated[str | None, typer.Option(help="Anything to keep with it.")] = None,
    as_json: Json = False,
) -> None:
    """Acknowledge the ladder of one incident: it stays quiet about what it has told so far. No clock stops."""
    from models.decision import Action

    _decide(Action.ACKNOWLEDGE, (incident_id, None), {"person": by, "side": side, "reason": reason}, as_json)


def mute(
    incident_id: MaybeIncidentId = None,
    *,
    by: By,
    reason: Annotated[str, typer.Option(help="Why; the plan shows it.")],
    provider: ProviderName = None,
    side: SideName = None,
    lasts: Annotated[str | None, typer.Option("--for", help="How long, such as 2h.")] = None,
    until: Annotated[str | None, typer.Option(help="Until when (RFC 3339), in place of --for.")] = None,
    as_json: Json = False,
) -> None:
    """Send no page of an incident, or of a provider, for a time. What would have been told is in the plan."""
    from models.decision import Action

    told = {"person": by, "side": side, "reason": reason, "for": lasts, "until": until}
    _decide(Action.MUTE, (incident_id, provider), told, as_json)


def unmute(
    incident_id: MaybeIncidentId = None,
    *,
    by: By,
    provider: ProviderName = None,
    side: SideName = None,
    as_json: Json = False,
) -> None:
    """End the mutes of an incident, or of a provider, before their time."""
    from models.decision import Action

    _decide(Action.UNMUTE, (incident_id, provider), {"person": by, "side": side}, as_json)


def _decide(
    action: "Action", subject: tuple[str | None, str | None], told: dict[str, str | None], as_json: bool
) -> None:
    """Find what it is about, make the decision, send it, and say so."""
    from holdfast.settings import load
    from models.instruction import decide

    incident_id, provider = subject
    if (incident_id is None) is (provider is None):
        raise typer.BadParameter("name one incident, or --provider for all of a provider's")
    instruction, settings = _instruction(told), load()
    found = (str(provider), None) if incident_id is None else _incident(settings, incident_id)
    try:
        decision = decide(action, instruction, found, "command", settings.clock.now())
    except ValueError as error:
        raise typer.BadParameter(_words(error)) from error
    _send(settings, decision)
    about = f"incident {decision.incident_id[:8]}" if decision.incident_id else f"provider {decision.provider}"
    until = f" until {decision.until:%Y-%m-%d %H:%M} UTC" if decision.until else ""
    text = f"{decision.action.value} of {about} by {decision.person}{until} is on record"
    typer.echo(decision.to_wire().decode() if as_json else text)


def _instruction(told: dict[str, str | None]) -> "Instruction":
    from models.instruction import Instruction

    try:
        return Instruction.model_validate({name: value for name, value in told.items() if value is not None})
    except ValueError as error:
        raise typer.BadParameter(_words(error)) from error


def _words(error: ValueError) -> str:
    from pydantic import ValidationError

    from models.spec import faults_in_words

    return faults_in_words(error) if isinstance(error, ValidationError) else str(error)


def _incident(settings: "Settings", text: str) -> tuple[str, str]:
    """Return (provider, incident id) of the incident that is meant."""
    with index_of(settings) as store:
        found = store.resolve(text)
    return found.provider, found.incident_id


def _send(settings: "Settings", decision: "Decision") -> None:
    """Check that the documents know the person and the provider, then put the decision on the raw topic."""
    from kafka.errors import KafkaError

    from holdfast import kafka
    from models.answers import ANSWERS_FEED, DECISION_FORMAT
    from models.raw import RawPayload
    from models.topics import Stream

    payload = RawPayload(
        feed=ANSWERS_FEED,
        format=DECISION_FORMAT,
        body=decision.to_wire(),
        received_at=decision.decided_at,
        content_type="application/json",
    )
    try:
        _check_names(settings, decision)
        with kafka.Publisher(settings) as publisher:
            publisher.send(Stream.RAW, ANSWERS_FEED, payload.to_wire())
    except (kafka.KafkaUnreachableError, KafkaError) as error:
        typer.echo(f"{error}\nnothing was recorded for certain: run the same command again", err=True)
        raise typer.Exit(1) from error


def _check_names(settings: "Settings", decision: "Decision") -> None:
    """End with a usage error where documents are in force and know neither such a provider nor such a person."""
    from holdfast import kafka
    from models.version_faults import nearest

    documents = kafka.read_documents(settings)
    if not documents.providers:
        return
    if decision.provider not in documents.providers:
        raise typer.BadParameter(f"no provider {decision.provider!r}{nearest(decision.provider, documents.providers)}")
    rotas = (rota.members for rota in documents.rotas.values())
    people = {name for known in (documents.providers[decision.provider].contacts, *rotas) for name in known}
    if decision.person not in people:
        raise typer.BadParameter(f"no contact {decision.person!r}{nearest(decision.person, sorted(people))}")
