"""A verdict's story in plain words, for people who argue about it with a provider. Pure: an explanation to lines."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from holdfast.explaining import Explanation, Told, quote
from models.fact import Fact
from models.lengths import length
from models.moment import ZERO, Moment
from models.notice import Speaker
from models.reading import Reading
from models.records import Basis, Verdict
from models.spans import Span, SpanKind, by_day
from models.stated import Stated
from models.story import Endpoint

MANY = 12
"""From more pieces than this on, they are told day by day."""
DAYS_SHOWN = 31
WHOSE = {
    Speaker.PROVIDER: "the provider",
    Speaker.CUSTOMER: "our own people",
    Speaker.MONITOR: "our monitor",
    Speaker.AUTHORITY: "an authority",
}
BASES = {
    Basis.CLAIMED: "by the provider's own times",
    Basis.OBSERVED: "by what we saw",
    Basis.AGREED: "by the agreement's rules of evidence",
}
ENDED = (Verdict.MET, Verdict.BREACHED, Verdict.INDETERMINATE, Verdict.EXCLUDED)


@dataclass(frozen=True)
class Section:
    """A heading and its lines."""

    heading: str
    lines: tuple[str, ...]


def narrate(told: Explanation) -> tuple[Section, ...]:
    """Return the story of a verdict, in sections; those that have nothing to say are left out."""
    sections = (
        Section("Verdict", tuple(_verdict(told))),
        Section("The rule", tuple(_rule(told))),
        Section("Priority", tuple(_priority(told))),
        Section("Start", tuple(_endpoint(told.story.start, told))),
        Section("Stop", tuple(_endpoint(told.story.stop, told))),
        Section("What counted", tuple(_counted(told))),
        Section("Pauses and exclusions", tuple(line for one in told.story.stated for line in _stated(one, told))),
        Section("The other bases", tuple(_beside(one) for one in told.story.others)),
        Section("What would change it", tuple(_change(told))),
        Section("Revisions", tuple(_revision(one, told) for one in told.revisions)),
    )
    return tuple(section for section in sections if section.lines)


def took(reading: Reading) -> str:
    """Return what a clock took, with both bounds where they differ."""
    elapsed = reading.elapsed
    if elapsed is None:
        return "unknown"
    least, most = length(elapsed.least), "nobody knows how long" if elapsed.most is None else length(elapsed.most)
    return least if least == most else f"{least} to {most}"


def _moment(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%d %H:%M:%S")


def _verdict(told: Explanation) -> Iterator[str]:
    reading, target = told.story.reading, length(told.story.clause.target)
    word = reading.verdict.value.replace("_", " ")
    so_far = "" if reading.verdict in ENDED else " so far"
    how_long = "how long it took is unknown" if reading.elapsed is None else f"it took {took(reading)}{so_far}"
    yield f"{word}, {BASES[reading.basis]}: {how_long}; {target} were agreed."
    if reading.reason is not None:
        yield f"Because: {reading.reason}."
    if reading.breached_at is not None:
        yield f"The limit passed at {_moment(reading.breached_at)}, whenever anybody looked."
    if reading.paused:
        yield f"{length(reading.paused)} were left out for pauses and exclusions."


def _rule(told: Explanation) -> Iterator[str]:
    clause, reading = told.story.clause, told.story.reading
    hours = "around the clock" if clause.calendar is None else f"in the hours of calendar {clause.calendar!r}"
    objective = reading.objective.value
    yield f"{clause.agreement} version {clause.version}, in force from {clause.effective_from}: {clause.path}"
    if clause.is_promise:
        yield f"{objective}: the provider itself named a time, which comes before the limit of {clause.limit}"
    else:
        zone = "" if reading.time.calendar.is_always else f" ({clause.zone})"
        came_to = "" if clause.limit == length(clause.target) else f", here {length(clause.target)}"
        yield f"{objective} within {clause.limit}{came_to}, {hours}{zone}; exactly at the limit is met"
    if reading.basis is Basis.AGREED:
        yield f"whose word counts: start {clause.starts_by}, restore {clause.ends_by}"
    if clause.stability:
        yield f"a restore counts once it has held for {length(clause.stability)}"


def _priority(told: Explanation) -> Iterator[str]:
    for step in told.story.steps:
        by = "" if step.fact is None else f" by severity {step.fact.severity!r} of {_whose(step.fact)}"
        yield f"{step.priority} from {_moment(step.at)}{by}"
    if not told.story.steps and told.story.reading.priority is not None:
        yield f"{told.story.reading.priority}: nobody named a severity that the agreement knows"


def _whose(fact: Fact) -> str:
    return f"{WHOSE[fact.speaker]} ({fact.source})"


def _endpoint(end: Endpoint | None, told: Explanation) -> Iterator[str]:
    if end is None:
        return
    yield _interval(end.at)
    if end.fact is not None:
        yield from _witness(end.fact, end.words)


def _interval(at: Moment) -> str:
    if at.latest is None:
        return f"not before {_moment(at.earliest)}; nobody knows when"
    if at.latest == at.earliest:
        return _moment(at.earliest)
    return f"between {_moment(at.earliest)} and {_moment(at.latest)}: known only to that interval"


def _witness(fact: Fact, words: str | None) -> Iterator[str]:
    """Yield whose word it is, with all its times."""
    yield f"by the word of {_whose(fact)}: {fact.phase.value}, notice {fact.notice_id[:12]}"
    claims = [_moment(at) for at in (fact.claimed_at, fact.claimed_end_at) if at is not None]
    times = [("claims", " to ".join(claims))] if claims else []
    if fact.published_at is not None:
        times.append(("published", _moment(fact.published_at)))
    times.append(("received", _moment(fact.received_at)))
    if fact.received_after is not None:
        times.append(("not there yet at", _moment(fact.received_after)))
    yield ", ".join(f"{name} {at}" for name, at in times)
    if fact.flags:
        yield f"to be read with care: {', '.join(flag.value for flag in fact.flags)}"
    if words:
        yield f'"{words}"'


def _counted(told: Explanation) -> Iterator[str]:
    found = told.story.spans
    counted = sum((one.length for one in found if one.kind is SpanKind.COUNTED and one.is_certain), ZERO)
    if not found:
        return
    yield from _days(told) if len(found) > MANY else (_piece(one, told) for one in found)
    doubtful = sum((one.length for one in found if one.kind is SpanKind.COUNTED and not one.is_certain), ZERO)
    perhaps = f", and perhaps {length(doubtful)} more" if doubtful else ""
    yield f"sum: {length(counted)} for certain{perhaps}"


def _days(told: Explanation) -> Iterator[str]:
    zone = told.story.clause.zone
    days = by_day(told.story.spans, zone)
    for one in days[:DAYS_SHOWN]:
        paused = f", {length(one.paused)} left out" if one.paused else ""
        yield f"{one.day:%a %Y-%m-%d}  {length(one.counted)} counted{paused} (the rest closed or quiet; {zone})"
    if len(days) > DAYS_SHOWN:
        rest = sum((one.counted for one in days[DAYS_SHOWN:]), ZERO)
        yield f"and {len(days) - DAYS_SHOWN} more days with {length(rest)}"


def _piece(one: Span, told: Explanation) -> str:
    kind = one.kind
    what = {
        SpanKind.COUNTED: "counted" if one.is_certain else "counts only perhaps",
        SpanKind.CLOSED: "closed, not counted",
        SpanKind.PAUSED: f"paused ({one.reason}), not counted",
        SpanKind.EXCLUDED: f"excluded ({one.reason}), not counted",
        SpanKind.QUIET: f"quiet, not counted by the reopen rule {told.story.clause.reopen!r}",
    }[kind]
    return f"{_moment(one.begin)} to {_moment(one.end)}  {length(one.end - one.begin)} {what}"


def _stated(one: Stated, told: Explanation) -> Iterator[str]:
    begin = "the beginning" if one.begin is None else _moment(one.begin)
    end = "open end" if one.end is None else _moment(one.end)
    yield f"{one.kind} {one.reason!r} from {begin} to {end}: {'counted' if one.counts else 'not counted'}; {one.why}"
    asked, ruled = told.story.facts.get(one.notice_id), told.story.facts.get(one.ruled_by or "")
    if asked is not None:
        yield f"  asked for by {_whose(asked)} at {_moment(asked.spoken_at)}, notice {asked.notice_id[:12]}"
    if ruled is not None:
        yield f"  {one.ruling.value} by {_whose(ruled)} at {_moment(ruled.spoken_at)}, notice {ruled.notice_id[:12]}"


def _beside(one: Reading) -> str:
    ends = [f"start {_moment(one.started_at)}"] if one.started_at is not None else []
    ends += [f"stop {_moment(one.stopped_at)}"] if one.stopped_at is not None else []
    told = f" ({', '.join(ends)})" if ends else ""
    because = f"; {one.reason}" if one.reason else ""
    return f"{one.basis.value}: {one.verdict.value.replace('_', ' ')}, took {took(one)}{told}{because}"


def _change(told: Explanation) -> Iterator[str]:
    for one in told.story.ahead:
        yield f"{_moment(one.at)}: {one.what}"
    for claim in told.story.stated:
        if claim.awaits_us and claim.would_deduct:
            most = length(claim.would_deduct)
            yield f"our acceptance of the {claim.kind} {claim.reason!r}: it could take out up to {most}"
    reading = told.story.reading
    if reading.verdict is Verdict.INDETERMINATE:
        yield "a witness of ours, or a closer look, that narrows the interval"
    if not told.story.ahead:
        yield "nothing by time alone: only a new notice"


def _revision(one: Told, told: Explanation) -> str:
    document = one.document
    replaces = f" (was {document.replaces.value})" if document.replaces else ""
    if one.notice_id is None:
        return f"{document.revision}. {_moment(one.at)}  {document.verdict.value}{replaces}: by time alone"
    notice = told.notices[one.notice_id]
    said = f"{notice.phase.value} by {WHOSE[notice.speaker]}, notice {notice.notice_id[:12]}"
    return f'{document.revision}. {_moment(one.at)}  {document.verdict.value}{replaces}: {said} "{quote(notice)[:60]}"'
