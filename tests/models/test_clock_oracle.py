"""The clocks against a slow oracle that walks minute by minute and knows nothing of intervals (measurement.md §4)."""

from dataclasses import dataclass
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from models.clocks import measure
from models.notice import Phase, Speaker
from models.records import Objective, Verdict
from tests.support.incidents import BEGIN, minute
from tests.support.timeline import Timeline, agreement, at

END = 600
"""Minutes that the oracle walks."""
SAYS = st.sampled_from([Phase.ENGAGED, Phase.UPDATE, Phase.RESTORED, Phase.RESOLVED, Phase.REOPENED])


@dataclass(frozen=True)
class Story:
    """What happened, in minutes."""

    begin: int
    said: tuple[tuple[int, Phase, int], ...]
    """(published, phase, claimed end), published ascending."""
    failures: tuple[tuple[int, int | None], ...]
    """Our monitors' (begin, end); None while it fails."""

    def line(self, version):
        line = Timeline(version)
        for published, phase, claimed in self.said:
            first = phase is Phase.REPORTED
            line.say(
                Speaker.PROVIDER,
                minute(published),
                phase,
                published_at=minute(published),
                claimed_at=minute(self.begin if first else claimed),
                claimed_end_at=minute(claimed) if phase in (Phase.RESTORED, Phase.RESOLVED) else None,
                text_digest=str(published),
            )
        for number, (begin, end) in enumerate(self.failures):
            for told in [begin] if end is None else [begin, end]:
                line.say(
                    Speaker.MONITOR,
                    minute(told),
                    Phase.REPORTED if told == begin else Phase.RESTORED,
                    source="probes",
                    source_incident_id=str(number),
                    update_id=str(told == begin),
                    claimed_at=minute(begin),
                    claimed_end_at=None if told == begin else minute(told),
                )
        return line


@st.composite
def stories(draw):
    begin = draw(st.integers(0, 60))
    published = sorted(draw(st.sets(st.integers(begin + 1, 400), min_size=1, max_size=7)))
    said = []
    for position, when in enumerate(published):
        phase = Phase.REPORTED if position == 0 else draw(SAYS)
        floor = begin + 1 if position == 0 else published[position - 1]
        said.append((when, phase, draw(st.integers(floor, when))))
    failures = []
    for _ in range(draw(st.integers(0, 3))):
        first = draw(st.integers(0, 300))
        failures.append((first, draw(st.none() | st.integers(first + 1, 400))))
    return Story(begin, tuple(said), tuple(failures))


def told_down(story, start, *, by_claims, ends):
    """Return for each minute whether the provider's word leaves it down: a word acts from its own minute on."""
    acts = []
    for published, phase, claimed in story.said:
        if phase in ends:
            acts.append((published, "end", claimed if by_claims else published))
        elif phase in (Phase.ENGAGED, Phase.REOPENED):
            back = min(published, claimed) if by_claims else published
            acts.append((published, "back", back))
    down, is_down, since = [m >= start for m in range(END)], True, start
    for _, act, instant in acts:
        if act == "end" and is_down:
            is_down, since = False, max(instant, since)
            down[since:] = [False] * (END - since)
        elif act == "back" and not is_down:
            is_down, since = True, max(instant, last_begin(down))
            down[since:] = [True] * (END - since)
    return down


def last_begin(down):
    """Return the minute in which the last stretch of being down began."""
    last = max((m for m in range(END) if down[m]), default=0)
    while last > 0 and down[last - 1]:
        last -= 1
    return last


def held(down, window):
    """Fill gaps that did not last as long as the stability window."""
    filled = list(down)
    last = None
    for instant in range(END):
        if down[instant]:
            if last is not None and 0 < instant - last - 1 < window:
                filled[last:instant] = [True] * (instant - last)
            last = instant
    return filled


def judged(down, target, as_of):
    """Return (elapsed, breach minute or None), counting minute by minute."""
    count, breach = 0, None
    for instant in range(as_of):
        if down[instant]:
            if count == target and breach is None:
                breach = instant
            count += 1
    return count, breach


@given(stories(), st.integers(1, 300), st.integers(0, 40), st.sampled_from(["continue", "inclusive"]))
def test_restore_and_resolve_by_the_providers_word(story, target, window, rule):
    version = agreement(
        restore=f"{target}m",
        resolve=f"{target}m",
        stability_window=f"{window}m",
        reopen={"window": "30d", "rule": rule},
    )
    line = story.line(version)
    for basis, by_claims, start in (("claimed", True, story.begin), ("observed", False, story.said[0][0])):
        if not by_claims and story.failures:
            continue
        for objective, ends in (("restore", (Phase.RESTORED, Phase.RESOLVED)), ("resolve", (Phase.RESOLVED,))):
            down = told_down(story, start, by_claims=by_claims, ends=ends)
            compare(line, objective, basis, down, target, window if objective == "restore" else 0, rule)


@given(stories(), st.integers(1, 300), st.integers(0, 40), st.sampled_from(["continue", "inclusive"]))
def test_restore_by_our_monitors(story, target, window, rule):
    if not story.failures:
        return
    version = agreement(
        restore=f"{target}m", stability_window=f"{window}m", reopen={"window": "30d", "rule": rule}
    )  # fmt: skip
    down = [any(begin <= m < (END if end is None else end) for begin, end in story.failures) for m in range(END)]
    compare(story.line(version), "restore", "observed", down, target, window, rule)


def compare(line, objective, basis, down, target, window, rule):
    """Compare long after everything: by then every restore held or never will have."""
    as_of = END
    down = held(down, window)
    if rule == "inclusive" and any(down):
        first, last = down.index(True), max(m for m in range(END) if down[m])
        down = [first <= m <= last for m in range(END)]
    stopped = not down[-1]
    elapsed, breach = judged(down, target, as_of)
    found = [
        one
        for one in measure(line.facts, line.version, minute(as_of))
        if one.objective is Objective(objective) and one.basis == basis
    ]
    assert len(found) == 1
    reading = found[0]
    assert reading.elapsed is not None
    assert reading.elapsed.least == reading.elapsed.most == timedelta(minutes=elapsed)
    assert reading.breached_at == (None if breach is None else minute(breach))
    late = breach is not None
    expected = (
        (Verdict.BREACHED if late else Verdict.MET) if stopped else (Verdict.OVERDUE if late else Verdict.RUNNING)
    )
    assert reading.verdict is expected


@given(stories(), st.integers(1, 120))
def test_the_cadence_is_broken_where_a_minute_passes_the_interval_in_silence(story, target):
    line = story.line(agreement(update=f"{target}m"))
    spoken = {published: phase for published, phase, _ in story.said}
    misses, last, over = 0, None, False
    missed = False
    for instant in range(END):
        if instant in spoken:
            phase = spoken[instant]
            if over and phase not in (Phase.ENGAGED, Phase.REOPENED):
                continue
            over = phase is Phase.RESOLVED
            last, missed = (None if over else instant), False
        elif last is not None and not missed and instant - last >= target:
            # the whole minute that begins here is past the interval, unless the provider speaks at its very beginning
            misses, missed = misses + 1, True
    gaps = line.gaps(format_minute(END), "observed")
    assert sum(verdict in ("breached", "overdue") for verdict in gaps) == misses


def format_minute(count):
    days, rest = divmod(count, 1440)
    return f"{days}d {rest // 60:02}:{rest % 60:02}"


def test_the_oracle_and_the_time_line_share_their_zero():
    assert at("00:00") == BEGIN
