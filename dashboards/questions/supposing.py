"""Questions of agreed recovery: what another agreement version would say, and how disasters went. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from dashboards.questions.asking import (
    AS_OF,
    INCIDENT,
    LIMIT,
    PROVIDER,
    UNTIL,
    YEAR,
    Asked,
    Found,
    Question,
    Search,
    Steps,
    between,
    every,
    of_provider,
    ordered,
    references,
    said,
    total,
)
from dashboards.questions.finding import clocks, documents, incident, notices, told
from models.agreement import AgreementVersion
from models.case import clock_name
from models.clocks import Reading, measure
from models.fact import Fact, fact_of
from models.incident import Contract, Subject
from models.instants import seconds
from models.questions import Column, Input, InputKind, QuestionDescription, QuestionError
from models.records import Basis, ClockDocument, IncidentDocument, Objective

RECOVERY = (Objective.RESTORE, Objective.RESOLVE, Objective.RECOVERY_POINT)


def _what_if(asked: Asked) -> Steps:
    about = yield from incident(asked.text("incident"))
    found = told((yield from notices(about)))
    as_of, facts = asked.instant("as_of"), [fact_of(one) for one in found]
    supposed = _named(asked, about.provider)
    subject = Subject.of(about.incident_id, about.provider, facts, as_of)
    in_force = None if subject is None else subject.contract(asked.known())
    before = _readings(facts, in_force.version, asked) if in_force is not None else {}
    after = _readings(facts, supposed.version, asked)
    rows = tuple(_supposed_row(name, before.get(name), after.get(name)) for name in sorted({**before, **after}))
    judged_by = "no agreement" if in_force is None else f"{in_force.agreement.id}/{in_force.version.version}"
    note = f"a supposition, not a verdict: {supposed.agreement.id}/{supposed.version.version} in place of {judged_by}"
    return Found(rows, references("notices", (one.notice_id for one in found)), note=note)


def _named(asked: Asked, provider: str) -> Contract:
    """Return the version that is meant.

    Raises:
        QuestionError: if the provider's agreements have none, or several, of that name.
    """
    name, documents = asked.text("version"), asked.known()
    found = documents.versions_named(provider, name)
    if len(found) != 1:
        there = ", ".join(sorted(documents.versions_of(provider))) or "none"
        raise QuestionError(f"{'more than one' if found else 'no'} version {name!r} of {provider}; there is: {there}")
    return Contract(*found[0])


def _readings(facts: Iterable[Fact], version: AgreementVersion, asked: Asked) -> dict[str, Reading]:
    readings = measure(facts, version, asked.instant("as_of"))
    return {clock_name(one): one for one in readings if one.basis.value == asked.text("basis")}


def _supposed_row(name: str, before: Reading | None, after: Reading | None) -> tuple[Any, ...]:
    one = after or before
    assert one is not None
    return (
        one.objective.value, one.ordinal,
        *(None if each is None else each.verdict.value for each in (before, after)),
        None if before is None or after is None else before.verdict is not after.verdict,
        *(None if each is None else seconds(each.target) for each in (before, after)),
        *(None if each is None or each.elapsed is None else seconds(each.elapsed.least) for each in (before, after)),
    )  # fmt: skip


WHAT_IF = Question(
    QuestionDescription(
        "what-if",
        "What if another version of the agreement had applied?",
        (
            INCIDENT,
            Input("version", InputKind.WORD, "Such as `2026-01-01`, or `agreement/2026-01-01`."),
            Input("basis", InputKind.WORD, "Whose times.", required=False, default="agreed"),
            AS_OF,
        ),
        (
            Column("objective", "What the clock measures."),
            Column("ordinal", "Which of several, from 0."),
            Column("verdict", "Under the agreement in force."),
            Column("supposed", "Under the version supposed."),
            Column("differs", "Whether they differ."),
            Column("target_s", "Agreed.", "s"),
            Column("supposed_target_s", "Under the version supposed.", "s"),
            Column("elapsed_s", "How long it took at least.", "s"),
            Column("supposed_elapsed_s", "The same in the service time of the version supposed.", "s"),
        ),
        "The incident's notices, measured under both versions; nothing is stored.",
    ),
    _what_if,
)


def _disasters(asked: Asked) -> Steps:
    bounds = between("@timestamp", asked.values.get("since"), asked.values.get("until"))
    filters = [{"exists": {"field": "exposures"}}, bounds, *of_provider(asked)]
    body = {"query": every(*filters), "sort": ordered("-@timestamp", "incident_id"), "size": asked.limit}
    answered = yield Search("incidents", {**body, "track_total_hits": True})
    shown, count = documents(IncidentDocument, answered), total(answered)
    mine = yield from clocks(
        every(
            {"terms": {"incident_id": [one.incident_id for one in shown]}},
            {"term": {"basis": Basis.AGREED.value}},
            {"terms": {"objective": [one.value for one in RECOVERY]}},
        )
    )
    rows = tuple(row for one in shown for row in _disaster_rows(one, mine))
    evidence = (
        *references("incidents", (one.incident_id for one in shown)),
        *references("clocks", (one.clock_id for one in mine)),
    )
    note = f"{len(shown)} of {count} incidents shown" if len(shown) < count else None
    return Found(rows, evidence, note=note if rows else "no incident while a hazard lay over the provider's sites")


def _disaster_rows(one: IncidentDocument, found: Sequence[ClockDocument]) -> Iterator[tuple[Any, ...]]:
    mine = [clock for clock in found if clock.incident_id == one.incident_id]
    told_of = (one.incident_id, one.provider, one.title, list(one.exposures), said(one.started_at), one.priority)
    if not mine:
        yield (*told_of, *(None,) * 6)
    for clock in mine:
        yield (
            *told_of, clock.objective.value, clock.target_s, clock.elapsed_min_s, clock.over_s, clock.verdict.value,
            clock.reason,
        )  # fmt: skip


DISASTERS = Question(
    QuestionDescription(
        "disasters",
        "How did providers recover from disasters, against what was agreed?",
        (PROVIDER, YEAR, UNTIL, LIMIT),
        (
            Column("incident_id", "Incident."),
            Column("provider", "Provider."),
            Column("title", "Its title."),
            Column("hazards", "Whose area held the provider's sites at the time."),
            Column("started_at", "When it began.", "instant"),
            Column("priority", "Priority."),
            Column("objective", "`restore` and `resolve`: how soon it worked; `recovery_point`: how much was lost."),
            Column("target_s", "What was agreed.", "s"),
            Column("elapsed_s", "What it was at least; empty while it runs, or where nobody knows.", "s"),
            Column("over_s", "By how much it ran over.", "s"),
            Column("verdict", "What came of it; empty where no such clock was agreed."),
            Column("reason", "Why it can't be judged, in words."),
        ),
        "Incidents with exposures, and their clocks on the agreed basis. That a hazard was there is no proof of cause.",
    ),
    _disasters,
)

SUPPOSING = (WHAT_IF, DISASTERS)
