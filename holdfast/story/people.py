"""People who acknowledge the story's pages, as their decisions reach the raw topic. Pure."""

from dataclasses import dataclass

from holdfast.story.script import at
from models.answers import ANSWERS_FEED, DECISION_FORMAT
from models.correlation import incident_id
from models.decision import Action, Decision
from models.ids import stable_id
from models.notice import Identity
from models.paging import Side
from models.raw import RawPayload


@dataclass(frozen=True)
class Acknowledged:
    """One person who says: I have it."""

    when: str
    provider: str
    member: tuple[str, str]
    """(source, its own id) after which the incident is named: whoever spoke of it first."""
    side: Side
    person: str
    person_name: str

    def payload(self) -> RawPayload:
        """Return what reaches the raw topic at its instant."""
        incident = incident_id(self.provider, self.member)
        decision = Decision(
            decision_id=stable_id("story", incident, self.person, self.when),
            provider=self.provider,
            incident_id=incident,
            action=Action.ACKNOWLEDGE,
            side=self.side,
            person=self.person,
            person_name=self.person_name,
            identity=Identity.VERIFIED_LINK,
            channel="link",
            decided_at=at(self.when),
        )
        return RawPayload(
            feed=ANSWERS_FEED,
            format=DECISION_FORMAT,
            body=decision.to_wire(),
            received_at=at(self.when),
            content_type="application/json",
        )
