"""A realistic moment on a NOC's board: two providers in trouble, one recovering, a quiet third; and small builders.

Everything is placed relative to ``now``, so that countdowns run. Pure: same instant, same documents.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from models.document import Document
from models.ids import stable_id
from models.notice import Notice, Phase, Speaker
from models.paging import Delivery, Outcome, Page, PlanDocument, RungState, Side
from models.records import Basis, ClockDocument, IncidentDocument, IncidentStatus, Objective, Verdict, WarningStage
from tests.support import samples


@dataclass
class Story:
    """One incident around an instant; ``minutes`` are counted from ``now``, negative is the past."""

    now: datetime
    name: str
    provider: str
    title: str
    began: float
    fields: dict[str, Any] = field(default_factory=dict)
    documents: list[Document | Notice] = field(default_factory=list)

    @property
    def incident_id(self) -> str:
        """The incident's id."""
        return stable_id("scene", self.name)

    def at(self, minutes: float) -> datetime:
        """Return an instant relative to now."""
        return self.now + timedelta(minutes=minutes)

    def incident(self, revision: int = 1, **fields: Any) -> "Story":
        """Add the incident's document."""
        values = {
            "incident_id": self.incident_id,
            "provider": self.provider,
            "source": f"{self.provider}-status",
            "source_incident_id": self.name,
            "title": self.title,
            "started_at": self.at(self.began),
            "claimed_started_at": self.at(self.began),
            "observed_started_at": None,
            "last_notice_at": self.at(self.began + 5),
            "members": (f"{self.provider}-status/{self.name}",),
            "witnesses": (),
            "priority": "p1",
        }
        self.documents.append(samples.incident(0, revision, **{**values, **self.fields, **fields}))
        return self

    def clock(
        self,
        objective: Objective,
        target_min: float,
        *,
        stopped: float | None = None,
        claimed_stop: float | None = None,
        ordinal: int = 0,
        began: float | None = None,
        verdict: Verdict | None = None,
        revision: int = 1,
    ) -> "Story":
        """Add a clock on its three bases; the claimed one may have stopped elsewhere."""
        start = self.began if began is None else began
        for basis in Basis:
            stop = claimed_stop if basis is Basis.CLAIMED and claimed_stop is not None else stopped
            elapsed = None if stop is None else 60.0 * (stop - start)
            late = (0 if stop is None else stop) - start > target_min
            state = verdict or (
                (Verdict.OVERDUE if late else Verdict.RUNNING) if stop is None
                else (Verdict.BREACHED if late else Verdict.MET)
            )  # fmt: skip
            self.documents.append(
                samples.clock(
                    0,  # of the samples; the clock's own ordinal is set below
                    revision,
                    clock_id=stable_id(self.incident_id, objective.value, basis.value, str(ordinal)),
                    incident_id=self.incident_id,
                    source_incident_id=self.name,
                    provider=self.provider,
                    services=self.fields.get("services", ("mail",)),
                    objective=objective,
                    basis=basis,
                    started_at=self.at(start),
                    due_at=self.at(start + target_min),
                    stopped_at=None if stop is None else self.at(stop),
                    elapsed_min_s=elapsed,
                    elapsed_max_s=elapsed,
                    target_s=60.0 * target_min,
                    verdict=state,
                    breached_at=self.at(start + target_min) if late else None,
                    warnings=tuple(
                        WarningStage(share=share, at=self.at(start + share * target_min)) for share in (0.5, 0.75, 0.9)
                    ),
                ).model_copy(update={"ordinal": ordinal})
            )
        return self

    def paged(
        self, who: str, at: float, outcome: Outcome, *, channel: str = "webhook", reason: str, attempt: int = 1,
        side: Side = Side.CUSTOMER, error: str | None = None,
    ) -> "Story":  # fmt: skip
        """Add a page and the outcome of its latest attempt."""
        page_id = stable_id(self.incident_id, who, channel, reason)
        common = {"page_id": page_id, "incident_id": self.incident_id, "provider": self.provider, "channel": channel}
        self.documents.append(
            samples.page(
                0, **common, source_incident_id=self.name, recipient=who.lower(), recipient_name=who, reason=reason,
                side=side, due_at=self.at(at), issued_at=self.at(at), title=self.title,
            )
        )  # fmt: skip
        self.documents.append(
            samples.delivery(
                0, attempt, outcome, **common, delivery_id=stable_id(page_id, str(attempt), outcome.value),
                recipient=who.lower(), started_at=self.at(at), finished_at=self.at(at + 0.2), error=error,
            )
        )  # fmt: skip
        return self

    def planned(self, who: str, at: float, condition: str, side: Side = Side.CUSTOMER) -> "Story":
        """Add a plan whose next rung is this one."""
        rung = samples.planned_page(
            0, page_id=stable_id(self.incident_id, who, condition), recipient=who.lower(), recipient_name=who,
            condition=condition, due_at=self.at(at), side=side, state=RungState.WAITING, channel="email",
        )  # fmt: skip
        plan = samples.plan(
            0, incident_id=self.incident_id, source_incident_id=self.name, provider=self.provider, rungs=(rung,),
            started_at=self.at(self.began), next_due_at=self.at(at),
        )  # fmt: skip
        self.documents.append(plan)
        return self

    def said(self, phase: Phase, at: float, text: str, **fields: Any) -> "Story":
        """Add a notice of the provider."""
        values = {
            "notice_id": stable_id(self.incident_id, str(at), text),
            "source": f"{self.provider}-status",
            "source_incident_id": self.name,
            "source_update_id": f"u{at}",
            "provider": self.provider,
            "phase": phase,
            "title": self.title,
            "text": text,
            "claimed_at": self.at(self.began) if phase is Phase.REPORTED else None,
            "published_at": self.at(at),
            "received_at": self.at(at + 0.5),
            "received_after": self.at(at - 0.5),
            "severity": None,
        }
        self.documents.append(samples.notice(0, **{**values, **fields}))
        return self


def noc(now: datetime) -> list[Document | Notice]:
    """Return the documents of the whole scene."""
    stories = [_cooling(now), _storm(now), _dns(now), _maintenance(now), _restored(now), *_ended(now)]
    return [document for story in stories for document in story.documents]


def _cooling(now: datetime) -> Story:
    story = Story(now, "k7w2m9xq4t1c", "nimbus", "Virtual machines unavailable in Frankfurt", -192)
    story.fields = {"services": ("vm", "block-storage"), "severity": "critical"}
    story.said(Phase.REPORTED, -181, "We are looking into reports of unreachable virtual machines.")
    story.said(Phase.ENGAGED, -83, "Two chillers of hall 2 have failed. Hosts switched themselves off at 41 degrees; "
               "a technician is on site.")  # fmt: skip
    story.incident(
        7, notice_count=6, phase="engaged", reopened_count=1, witnesses=("probe-fra",), last_notice_at=story.at(-83),
        observed_started_at=story.at(-203),
    )  # fmt: skip
    story.clock(Objective.ACKNOWLEDGE, 15, stopped=-158, claimed_stop=-181)
    story.clock(Objective.UPDATE, 60, began=-83, ordinal=2)
    story.clock(Objective.UPDATE, 60, began=-181, stopped=-83, ordinal=1)
    story.clock(Objective.UPDATE, 60, began=-192, stopped=-181, ordinal=0)
    story.clock(Objective.RESTORE, 240)
    story.paged("Duty desk", -180, Outcome.SENT, channel="email", reason="80% of acknowledge target",
                side=Side.PROVIDER)  # fmt: skip
    story.paged("NOC", -177, Outcome.SENT, reason="acknowledge breached")
    story.paged("Vendor manager", -23, Outcome.RETRYING, channel="email", attempt=3, reason="missed update",
                error="451 try again later")  # fmt: skip
    return story.planned("Service manager", 22.6, "90% of restore target", Side.PROVIDER)


def _storm(now: datetime) -> Story:
    story = Story(now, "eMTR9v3u1", "polaris", "Elevated packet loss for Gdańsk region", -47)
    story.fields = {"services": ("wan",), "severity": "service_disruption", "exposures": ("storm-dagmar",)}
    story.said(Phase.ENGAGED, -26, "Fibre north of the city is damaged. Traffic is being moved to the southern path; "
               "expect higher latency until then.")  # fmt: skip
    story.incident(4, notice_count=3, phase="engaged", last_notice_at=story.at(-26), exposures=("storm-dagmar",))
    story.clock(Objective.ACKNOWLEDGE, 30, stopped=-38)
    story.clock(Objective.UPDATE, 30, began=-26)
    story.clock(Objective.RESTORE, 240)
    story.paged("NOC", -10, Outcome.SENT, reason="75% of update target")
    return story.planned("Duty desk", 4.2, "missed update", Side.PROVIDER)


def _dns(now: datetime) -> Story:
    story = Story(now, "inc-20881", "tessera", "Slow DNS answers for some customers", -12)
    story.fields = {"services": ("dns",), "severity": "minor", "priority": "p2"}
    story.said(Phase.REPORTED, -9, "Some resolvers answer slowly. We are investigating.")
    story.incident(2, notice_count=1, phase="reported", priority="p2", last_notice_at=story.at(-9))
    story.clock(Objective.ACKNOWLEDGE, 30, stopped=-9)
    story.clock(Objective.UPDATE, 240, began=-9)
    story.clock(Objective.RESTORE, 480)
    return story.planned("Duty desk", 168, "75% of restore target", Side.PROVIDER)


def _maintenance(now: datetime) -> Story:
    story = Story(now, "MNT-4410", "nimbus", "Storage firmware, window exceeded", -95)
    story.fields = {"services": ("archive",), "severity": "none", "priority": "p3", "kind": "maintenance"}
    return story.incident(3, kind="maintenance", phase="update", priority="p3", agreement=None, agreement_version=None)


def _restored(now: datetime) -> Story:
    story = Story(now, "b4w9d2", "tessera", "Control panel log-in fails", -214)
    story.fields = {"services": ("panel",), "severity": "major", "priority": "p2"}
    story.said(Phase.RESTORED, -31, "Log-in works again; we keep watching.")
    story.incident(5, status=IncidentStatus.RESTORED, phase="restored", priority="p2", restored_at=story.at(-31),
                   last_notice_at=story.at(-31))  # fmt: skip
    story.clock(Objective.ACKNOWLEDGE, 30, stopped=-205)
    story.clock(Objective.RESTORE, 480, stopped=-31, claimed_stop=-55)
    return story.clock(Objective.RESOLVE, 1440)


def _ended(now: datetime) -> list[Story]:
    stories = []
    for name, provider, title, began, ended, verdict in (
        ("x81", "polaris", "API errors in Warsaw", -560, -310, Verdict.BREACHED),
        ("x80", "nimbus", "Snapshots could not be created", -700, -590, Verdict.MET),
        ("x79", "nimbus", "Errors when starting virtual machines", -1200, -1155, Verdict.INDETERMINATE),
    ):
        story = Story(now, name, provider, title, began)
        story.incident(9, status=IncidentStatus.RESOLVED, phase="resolved", resolved_at=story.at(ended),
                       restored_at=story.at(ended), last_notice_at=story.at(ended), priority="p2")  # fmt: skip
        story.clock(Objective.ACKNOWLEDGE, 30, stopped=began + 12)
        story.clock(Objective.RESTORE, 240, stopped=ended, verdict=verdict)
        stories.append(story)
    return stories


def changed(document: IncidentDocument | ClockDocument | PlanDocument, **fields: Any) -> Any:
    """Return the next revision of a document."""
    return document.model_copy(update={"revision": document.revision + 1, **fields})


__all__ = ["Delivery", "Page", "Speaker", "Story", "changed", "noc"]
