"""The two ladders of one incident as documents: the plan that boards show, and the pages that go out. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from models.conditions import Circumstances
from models.crossing import Lateness, cross, is_late, prompt
from models.decision import Action, Decision
from models.loops import Loops
from models.paging import Answered, Page, PlanDocument, PlannedPage, RungState, Side
from models.plan import HISTORY, PAGED, Climb, Handled, Issue, Names, Step, Told, climb, issues
from models.policy import EscalationPolicy
from models.records import IncidentDocument, IncidentStatus
from models.rung_page import Setting, page_of

HISTORY_AFTER = timedelta(hours=24)
"""A rung crossed, and an incident silent, for this long before the record came: imported history pages nobody."""
OVER = (IncidentStatus.RESOLVED, IncidentStatus.CLOSED, IncidentStatus.CANCELLED)
ENDED = (*OVER, IncidentStatus.RESTORED, IncidentStatus.MERGED)


@dataclass(frozen=True, slots=True)
class Ladder:
    """Both ladders of one incident, as of an instant."""

    incident: IncidentDocument
    around: Circumstances
    setting: Setting
    as_of: datetime
    climbs: dict[int, Climb] = field(default_factory=dict, compare=False, repr=False)
    """Cache: by how many pages were handled, which only grows."""

    @property
    def policy(self) -> EscalationPolicy:
        """The policy that it climbs."""
        return self.setting.policy

    def climbed(self, handled: Handled) -> Climb:
        """Return every rung with its instant, given what was told before."""
        found = self.climbs.get(len(handled))
        if found is None:
            names = Names(self.incident.incident_id, self.policy)
            known = [one for one in self.setting.decisions if one.decided_at <= self.as_of]
            found = climb(names, self.around, known, self.setting.gates, handled, self.as_of)
            self.climbs[len(handled)] = found
        return found

    def prompt(self, handled: Handled, late: Lateness) -> list[Page]:
        """Return pages for the rungs reached just now.

        Args:
            handled: by page id, what became of pages before.
            late: how far the ledger had run, and what counts as late; late rungs wait for ``caught_up``.
        """
        return [page_of(self.incident, self.setting, issue, late) for issue in prompt(self._due(handled), late)]

    def caught_up(self, handled: Handled, late: Lateness) -> tuple[list[Page], dict[str, Told]]:
        """Decide on the rungs that were reached too long ago, when nothing is left to catch up with.

        Returns:
            The pages to send, and why each of the others is not paged, by page id.
        """
        due = self._due(handled)
        crossing = cross(due, late, over=self._over(due, late))
        suppressed = {name: Told(why, late.now) for name, why in crossing.suppressed.items()}
        return [page_of(self.incident, self.setting, issue, late) for issue in crossing.paged], suppressed

    def next_due(self, handled: Handled) -> datetime | None:
        """Return the earliest instant ahead at which somebody is told who was not."""
        climbed = self.climbed(handled)
        ahead = [one.due_at for one in self._first(climbed) if one.page_id not in handled and not self._is_due(one)]
        ahead += [at for step in self._tops(climbed) if (at := self._next_loop(climbed, step)) is not None]
        return min((at for at in ahead if at is not None), default=None)

    def plan(self, handled: Handled) -> PlanDocument:
        """Return the plan, with revision 0: the caller counts revisions."""
        climbed = self.climbed(handled)
        return PlanDocument(
            incident_id=self.incident.incident_id,
            source_incident_id=self.incident.source_incident_id,
            provider=self.incident.provider,
            services=self.incident.services,
            policy=self.policy.id,
            policy_version=self.policy.version,
            started_at=self.incident.started_at,
            next_due_at=self.next_due(handled),
            rungs=tuple(self._planned(climbed, issue, handled) for issue in self._first(climbed)),
            answers=tuple(_answered(one) for one in self.setting.decisions if one.decided_at <= self.as_of),
            revision=0,
            caused_by=None,
        )

    def told(self, handled: Handled) -> list[Issue]:
        """Return the first pages of all rungs that somebody got."""
        first = self._first(self.climbed(handled))
        return [one for one in first if (known := handled.get(one.page_id)) is not None and known.is_paged]

    def _first(self, climbed: Climb) -> list[Issue]:
        """Return the first page of every rung, recipient and channel, in ladder order."""
        return [issue for step in climbed.steps for issue in issues(climbed, step, 0, step.due_at)]

    def _tops(self, climbed: Climb) -> list[Step]:
        return [step for side in Side if (step := climbed.top(side, self.as_of)) is not None]

    def _due(self, handled: Handled) -> list[Issue]:
        climbed = self.climbed(handled)
        due = [one for one in self._first(climbed) if one.page_id not in handled and self._is_due(one)]
        for step in self._tops(climbed):
            if any(one.step.side is step.side and one.step.number > step.number for one in due):
                continue  # at one instant with a higher rung's first page: that one goes on
            loops = Loops.of(climbed, step)
            loop = loops.due(self.as_of) if loops is not None else None
            if loop is not None:
                due += [one for one in issues(climbed, step, *loop) if one.page_id not in handled]
        return due

    def _is_due(self, issue: Issue) -> bool:
        return issue.due_at is not None and issue.due_at < self.as_of

    def _next_loop(self, climbed: Climb, step: Step) -> datetime | None:
        loops = Loops.of(climbed, step)
        found = loops.next(self.as_of) if loops is not None else None
        return None if found is None else found[1]

    def _over(self, due: Iterable[Issue], late: Lateness) -> str | None:
        """Say why nobody needs to be told any more; None while somebody does."""
        if self.incident.status in OVER:
            return f"{self.incident.status.value} before anybody could be paged"
        latest = max((one.due_at for one in due if one.due_at is not None and is_late(one, late)), default=None)
        if latest is not None and late.now - max(latest, self.incident.last_notice_at or latest) > HISTORY_AFTER:
            return HISTORY
        return None

    def _planned(self, climbed: Climb, issue: Issue, handled: Handled) -> PlannedPage:
        step, known = issue.step, handled.get(issue.page_id)
        at = known.at if known is not None else issue.due_at or self.as_of
        recipient, contact, rota = self.setting.people.find(issue.recipient, at)
        state, reason = self._state(issue, known)
        answer = climbed.acknowledgement(step) if known is not None and known.is_paged else None
        if answer is not None and state is RungState.SENT:
            state = RungState.ACKNOWLEDGED
        is_top = step in self._tops(climbed)
        loops = Loops.of(climbed, step) if is_top else None
        due = loops.due(self.as_of) if loops is not None else None
        return PlannedPage(
            page_id=issue.page_id,
            side=step.side,
            rung=step.number,
            condition=str(step.rung.when),
            objective=step.rung.when.objective,
            recipient=recipient,
            recipient_name=contact.name if contact else recipient,
            rota=rota,
            channel=issue.channel,
            due_at=step.due_at,
            state=state,
            reason=reason,
            told_at=step.told_at if known is not None and known.is_paged else None,
            loop=due[0] if due is not None else 0,
            next_loop_at=self._next_loop(climbed, step) if is_top else None,
            acknowledged_by=None if answer is None else answer.person_name or answer.person,
            acknowledged_at=None if answer is None else answer.decided_at,
        )

    def _state(self, issue: Issue, known: Told | None) -> tuple[RungState, str | None]:
        """Return the state of one page and the reason for it, if it needs one."""
        step = issue.step
        if known is not None and not known.is_paged:
            return RungState.SUPPRESSED, known.reason
        if known is not None and not step.stands:
            return RungState.WITHDRAWN, "paged, but the condition no longer holds"
        if known is not None:
            return RungState.SENT, self._extra(step)
        if step.due_at is None:
            return (RungState.SUPPRESSED if step.is_held else RungState.WITHDRAWN), step.reason
        if self._is_due(issue):
            return RungState.DUE, self._extra(step)
        return (RungState.SUPPRESSED if step.is_held else RungState.WAITING), step.reason or self._extra(step)

    def _extra(self, step: Step) -> str | None:
        return step.why if step.by_silence and not step.rung.when.silence else None


def paged(pages: Iterable[Page], tolerance: timedelta) -> dict[str, Told]:
    """Return what becomes of pages that are issued: told at their computed instants, or late.

    Args:
        pages: as issued.
        tolerance: up to so much lateness is the pipeline's own pace and moves nothing that follows.
    """
    return {
        page.page_id: Told(PAGED, page.issued_at if page.late_s > tolerance.total_seconds() else page.due_at)
        for page in pages
    }


def _answered(decision: Decision) -> Answered:
    return Answered(
        action=decision.action.value,
        side=decision.side,
        person=decision.person_name or decision.person,
        identity=decision.identity.value,
        at=decision.decided_at,
        until=decision.until if decision.action is Action.MUTE else None,
        reason=decision.reason,
    )
