"""What became of the story: read from Elasticsearch and the sinks, and held against the rehearsal. IO: Elasticsearch.

The rehearsal is the measuring core alone; the documents come from the whole pipeline. They must agree clock by clock.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from holdfast.story.rehearsal import Outcome
from holdfast.story.sinks import Received
from models.records import Basis, Objective, Verdict
from models.topics import Names

INDICES = ("notices", "incidents", "clocks", "plans", "pages", "deliveries", "dead-letters")
SIZE = 1000
"""Documents read at once; the story makes far fewer of a kind."""


@dataclass
class Summary:
    """The demo's result; ``problems`` is empty when all is as the rehearsal said."""

    incidents: list[dict[str, Any]]
    verdicts: list[dict[str, Any]]
    """One entry per objective and basis: the number of clocks by verdict."""
    pages: dict[str, dict[str, int]]
    """By channel: distinct pages, calls, calls refused for their signature."""
    documents: dict[str, int]
    """By index alias."""
    problems: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return what ``holdfast demo --json`` prints."""
        return {
            "incidents": self.incidents,
            "verdicts": self.verdicts,
            "pages": self.pages,
            "documents": self.documents,
            "problems": self.problems,
        }


def summarise(client: Any, names: Names, expected: Outcome, webhook: Received, mail: Received) -> Summary:
    """Read what is in the indices now and compare it with the rehearsal.

    Args:
        client: an ``Elasticsearch`` client.
        names: of the installation.
        expected: the rehearsal's outcome.
        webhook: what the webhook sink took.
        mail: what the mail sink took.
    """
    client.indices.refresh(index=f"{names.prefix}-*")
    incidents = _all(client, names.index("incidents"))
    clocks = _all(client, names.index("clocks"))
    documents = {name: _count(client, names.index(name)) for name in INDICES}
    summary = Summary(
        incidents=sorted(incidents, key=lambda one: str(one["started_at"])),
        verdicts=verdicts_of(clocks),
        pages={"webhook": _counts(webhook), "email": _counts(mail)},
        documents=documents,
    )
    summary.problems += problems_of(summary, clocks, expected)
    return summary


def problems_of(summary: Summary, clocks: list[dict[str, Any]], expected: Outcome) -> list[str]:
    """Return what differs from the rehearsal, one line each; empty when nothing does.

    Args:
        summary: what was counted.
        clocks: all clock documents of the index.
        expected: the rehearsal's outcome.
    """
    return [*_clock_problems(clocks, expected), *_count_problems(summary, expected)]


def _all(client: Any, index: str) -> list[dict[str, Any]]:
    hits = client.search(index=index, ignore_unavailable=True, size=SIZE, query={"match_all": {}})["hits"]["hits"]
    return [hit["_source"] for hit in hits]


def _count(client: Any, index: str) -> int:
    """Return the number of documents; an index that nothing was ever written to does not exist."""
    return int(client.count(index=index, ignore_unavailable=True)["count"])


def _counts(received: Received) -> dict[str, int]:
    return {"pages": len(received.keys), "calls": received.calls, "refused": received.refused}


def verdicts_of(clocks: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return, per objective and basis in the product's order, how many clocks say what."""
    counted = Counter((clock["objective"], clock["basis"], clock["verdict"]) for clock in clocks)
    objectives = list(dict.fromkeys(objective for objective, _, _ in sorted(counted, key=_objective_order)))
    return [
        {
            "objective": objective,
            "basis": basis.value,
            **{
                verdict.value: counted[objective, basis.value, verdict.value]
                for verdict in Verdict
                if counted[objective, basis.value, verdict.value]
            },
        }
        for objective in objectives
        for basis in Basis
    ]


def _objective_order(key: tuple[str, str, str]) -> int:
    return list(Objective).index(Objective(key[0]))


def _clock_problems(clocks: Iterable[dict[str, Any]], expected: Outcome) -> list[str]:
    """Compare every clock's verdict with the rehearsal's."""
    found = {clock["clock_id"]: clock["verdict"] for clock in clocks}
    problems = [
        f"{clock.objective.value} ({clock.basis.value}) of {clock.source_incident_id}: expected "
        f"{clock.verdict.value}, indexed {found.get(clock_id, 'nothing')}"
        for clock_id, clock in expected.clocks.items()
        if found.get(clock_id) != clock.verdict.value
    ]
    problems += [f"clock {clock_id} was not expected" for clock_id in found if clock_id not in expected.clocks]
    return problems


def _count_problems(summary: Summary, expected: Outcome) -> list[str]:
    """Compare numbers of notices, incidents, pages and deliveries."""
    channels = Counter(page.channel for page in expected.pages.values())
    pairs = [
        ("notices indexed", summary.documents["notices"], len(expected.notices)),
        ("incidents indexed", summary.documents["incidents"], len(expected.incidents)),
        ("pages indexed", summary.documents["pages"], len(expected.pages)),
        ("dead letters", summary.documents["dead-letters"], len(expected.letters)),
        ("pages delivered by webhook", summary.pages["webhook"]["pages"], channels["webhook"]),
        ("pages delivered by e-mail", summary.pages["email"]["pages"], channels["email"]),
        ("webhook calls with a wrong signature", summary.pages["webhook"]["refused"], 0),
    ]
    return [f"{what}: {found}, expected {wanted}" for what, found, wanted in pairs if found != wanted]
