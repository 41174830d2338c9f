"""Reviews, agendas and handoffs of the index: reads what they need and asks the core. IO: Elasticsearch, read only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from board.store_matters import MatterStore
from models.agenda import Agenda, Setting, agenda
from models.agreement import Agreement
from models.communication import Communication
from models.documents import Documents
from models.handoff import Handoff, Shift, handoff
from models.meetings import Action, MeetingError, actions
from models.provider import Contact
from models.review_periods import ReviewPeriod
from models.reviews import Review, reviews, to_look_back_on

ID_AT_LEAST = 4
"""Characters of an action's id that are taken for its beginning."""


class UnknownReviewError(LookupError):
    """No such provider, agreement, review, action or rota; the message names those that there are."""


@dataclass(frozen=True)
class Asked:
    """Which reviews are asked for."""

    provider: str | None = None
    agreement: str | None = None
    period: str | None = None


def contacts_of(documents: Documents, provider: str) -> Mapping[str, Contact]:
    """Return the contacts of a provider's document; none where there is no such document."""
    found = documents.providers.get(provider)
    return {} if found is None else found.contacts


def reviewed(documents: Documents, asked: Asked) -> tuple[Agreement, ...]:
    """Return the agreements that ask for reviews, by id.

    Raises:
        UnknownReviewError: if the provider or the agreement is not there.
    """
    known = documents.agreements.values()
    if asked.provider is not None and asked.provider not in documents.providers:
        raise UnknownReviewError(f"no provider {asked.provider!r}; there are {_listed(documents.providers)}")
    ours = [one for one in known if asked.provider in (None, one.provider)]
    if asked.agreement is not None and asked.agreement not in [one.id for one in ours]:
        raise UnknownReviewError(f"no agreement {asked.agreement!r}; there are {_listed(one.id for one in ours)}")
    wanted = (one for one in ours if asked.agreement in (None, one.id))
    return tuple(
        sorted((one for one in wanted if any(v.review is not None for v in one.versions)), key=lambda one: one.id)
    )


def listed(store: MatterStore, documents: Documents, asked: Asked, as_of: datetime) -> tuple[Review, ...]:
    """Return every review asked for, as it stands, by agreement and in order of time.

    Raises:
        UnknownReviewError: if the provider or the agreement is not there.
        StoreError: if Elasticsearch can't answer.
    """
    agreements = reviewed(documents, asked)
    said = store.communications(provider=asked.provider, kinds=("review",)) if agreements else []
    return tuple(review for one in agreements for review in reviews(one, said, as_of))


def agendas(store: MatterStore, documents: Documents, asked: Asked, as_of: datetime) -> tuple[Agenda, ...]:
    """Return the agenda of the review asked for, of each agreement of the provider that has it.

    Raises:
        UnknownReviewError: if the provider, the agreement or the review is not there.
        StoreError: if Elasticsearch can't answer.
    """
    found = []
    for agreement in reviewed(documents, asked):
        said = store.communications(provider=agreement.provider)
        review = to_look_back_on(reviews(agreement, said, as_of), asked.period)
        if review is not None:
            matters = store.matters(review.owed.begin, min(as_of, review.owed.end), provider=agreement.provider)
            contacts = contacts_of(documents, agreement.provider)
            found.append(agenda(Setting(review, contacts, as_of), matters, said))
    if not found:
        what = "" if asked.period is None else f" of {asked.period}"
        raise UnknownReviewError(
            f"no agreement of {asked.agreement or asked.provider or 'any provider'} asks for a review{what}: the key "
            "`review` of an agreement does, and `holdfast reviews list` shows which"
        )
    return tuple(found)


def owed_review(documents: Documents, asked: Asked, as_of: datetime) -> Review:
    """Return the one review that minutes are to be recorded of.

    Raises:
        UnknownReviewError: if there is none, or no document says so.
        MeetingError: if the period is none, or several agreements ask for it.
    """
    try:
        period = None if asked.period is None else ReviewPeriod.parse(asked.period).name
    except ValueError as error:
        raise MeetingError(str(error)) from error
    found = [
        review
        for agreement in reviewed(documents, asked)
        if (review := to_look_back_on(reviews(agreement, (), as_of), period)) is not None
    ]
    if len(found) > 1:
        raise MeetingError(f"several agreements have it: name one of {_listed(one.owed.agreement.id for one in found)}")
    if not found:
        raise UnknownReviewError(f"no agreement of {asked.provider} asks for a review of {asked.period}")
    return found[0]


def found_action(communications: Iterable[Communication], action_id: str) -> Action:
    """Return the action that an id, or the beginning of one, means.

    Raises:
        UnknownReviewError: if none does, or several do.
    """
    known = actions(communications)
    exact = [one for one in known if one.detail.action_id == action_id]
    near = [one for one in known if len(action_id) >= ID_AT_LEAST and one.detail.action_id.startswith(action_id)]
    meant = exact or near
    if len(meant) != 1:
        what = "no action has" if not meant else f"{len(meant)} actions have"
        raise UnknownReviewError(f"{what} the id {action_id!r}; `holdfast reviews actions` lists them")
    return meant[0]


def handed_over(store: MatterStore, documents: Documents, shift: Shift, rotas: Iterable[str] | None) -> Handoff:
    """Return the handoff of a shift.

    Args:
        store: the index.
        documents: in force.
        shift: from when on, as of when.
        rotas: whose turns are told, by id; None is all.

    Raises:
        UnknownReviewError: if there is no such rota.
        StoreError: if Elasticsearch can't answer.
    """
    wanted = sorted(documents.rotas) if rotas is None else list(rotas)
    unknown = [name for name in wanted if name not in documents.rotas]
    if unknown:
        raise UnknownReviewError(f"no rota {', '.join(unknown)}; there are {_listed(documents.rotas)}")
    return handoff(
        shift,
        store.matters(shift.since, shift.as_of),
        store.communications(since=shift.since),
        documents,
        [documents.rotas[name] for name in wanted],
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
