"""What was expected of a scenario against the messages that came. Pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from models.durations import Duration
from models.paging import Page, PageKind
from tests.scenarios.grammar import Nothing, Paged
from tests.scenarios.language import Event, Scenario

ON_TIME_S = 60.0
"""A page later than this is late; what is in time stands at its computed instant."""


def told_at(page: Page) -> datetime:
    """Return where a page stands on the time line: at its computed instant, or when it came, if that was late."""
    return page.due_at if page.late_s <= ON_TIME_S else page.issued_at


def accounted(scenario: Scenario, pages: list[Page]) -> Iterator[str]:
    """Yield what was expected and did not come, and what came and was not expected."""
    left = list(pages)
    for event in scenario.events:
        if isinstance(event.entry, Paged):
            for at, until in _instants(scenario, event, event.entry):
                found = next((one for one in left if _is_it(scenario, event.entry, one, at, until)), None)
                if found is None:
                    near = [one for one in left if at <= told_at(one) <= until]
                    yield f"{scenario.place(event)}: no such page; there are {_listed(scenario, near)}"
                else:
                    left.remove(found)
                    yield from (f"{scenario.place(event)}: {one}" for one in differences(scenario, event.entry, found))
        elif isinstance(event.entry, Nothing) and event.until is not None:
            window = scenario.instant(event.at), scenario.instant(event.until)
            told = [one for one in pages if window[0] <= told_at(one) <= window[1]]
            if told:
                yield f"{scenario.place(event)}: not nothing, but {_listed(scenario, told)}"
    if left:
        yield f"{scenario.path.name}: nobody expected {_listed(scenario, left)}"


def _instants(scenario: Scenario, event: Event, expected: Paged) -> Iterator[tuple[datetime, datetime]]:
    """Yield the interval in which each of the expected messages stands."""
    begin = scenario.instant(event.at)
    end = begin if event.until is None else scenario.instant(event.until)
    if expected.every is None:
        yield from [(begin, end)] * expected.times
        return
    step = expected.every.fixed
    assert step is not None
    while begin <= end:
        yield begin, begin
        begin += step


def _is_it(scenario: Scenario, expected: Paged, page: Page, at: datetime, until: datetime) -> bool:
    """Return whether a page is the one that is meant: by time, recipient, channel, incident, rung and repetition."""
    kind = PageKind.RUNG if expected.page else PageKind.EXPOSURE if expected.heads_up else PageKind.ALL_CLEAR
    return (
        at <= told_at(page) <= until
        and (page.kind, page.recipient, page.channel) == (kind, expected.who, expected.by)
        and expected.of in (None, page.source_incident_id)
        and expected.rung in (None, page.rung)
        and expected.loop in (None, page.loop)
    )


def differences(scenario: Scenario, expected: Paged, page: Page) -> Iterator[str]:
    """Yield what a page says otherwise than expected."""
    answer_by = None if expected.answer_by is None else scenario.instant(expected.answer_by)
    due = None if expected.due is None else scenario.instant(expected.due)
    fallbacks = tuple(f"{one.recipient} by {one.channel}" for one in page.fallbacks)
    for name, wanted, there in (
        ("late", expected.late, page.late_s > ON_TIME_S),
        ("due", due, page.due_at),
        ("answer by", answer_by, page.answer_by),
        ("hazard", expected.hazard, page.hazard),
        ("cadence", _seconds(expected.cadence), page.cadence_s),
        ("digest", _seconds(expected.digest), page.digest_s),
        ("critical", expected.critical, page.critical),
        ("through", expected.through, page.rota),
        ("address", expected.address, page.address),
        ("fallbacks", expected.fallbacks, fallbacks),
    ):
        if wanted is not None and wanted != there:
            yield f"{name} is {there}, not {wanted}"
    for name, words, text in (("because", expected.because, page.reason), ("says", expected.says, page.text)):
        if words is not None and words not in text:
            yield f"{name} {words!r} is not in {text!r}"


def _seconds(duration: Duration | None) -> float | None:
    return None if duration is None or duration.fixed is None else duration.fixed.total_seconds()


def _listed(scenario: Scenario, pages: list[Page]) -> str:
    return "; ".join(_words(scenario, page) for page in pages) or "none"


def _words(scenario: Scenario, page: Page) -> str:
    """Return a page as a scenario would expect it."""
    minutes, seconds = divmod(int((told_at(page) - scenario.instant(timedelta())).total_seconds()), 60)
    what = {PageKind.RUNG: "page", PageKind.EXPOSURE: "heads-up to", PageKind.ALL_CLEAR: "all clear to"}[page.kind]
    late = ", late" if page.late_s > ON_TIME_S else ""
    clock = f"{minutes // 60:02}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")
    whose = f"{page.side.value} rung {page.rung}, loop {page.loop}{late}"
    return f"at {clock} {what} {page.recipient} by {page.channel} ({whose}, of {page.source_incident_id})"
