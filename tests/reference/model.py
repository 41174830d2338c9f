"""The reference: every clock of one incident, counted minute by minute.

Each objective gives *tracks*: where counting begins and ends, and which minutes in between lie still. Nothing is
computed in closed form: a due time is found by walking to it.
"""

from tests.reference import claims, words
from tests.reference.claims import severity_steps
from tests.reference.hours import FIXED, HORIZON, hours
from tests.reference.stops import paused_minutes, stretches

BASES = ("claimed", "observed", "agreed")
ALWAYS = {"hours": "24x7"}
DEFAULT_EVIDENCE = {"start": "earliest", "acknowledge": "published", "restore": "observed"}
DEFAULT_REOPEN = {"rule": "continue", "window": "24h"}


def measure(statements, agreement, as_of, base):
    """Return {(objective, basis, ordinal): clock} as of a minute.

    Args:
        statements: dicts as ``words`` describes, everything known.
        agreement: one version, with the keys of the YAML format.
        as_of: the minute up to which the world has run.
        base: the instant of minute 0.
    """
    found = {}
    for basis in BASES:
        told = words.versions(statements, basis)
        worlds = [World(part, told, agreement, basis, as_of, base) for part in episodes(told, agreement) if part]
        for target in agreement["targets"]:
            tracks = [(world, track) for world in worlds for track in world.tracks(target["objective"])]
            for ordinal, (world, track) in enumerate(tracks):
                clock = {"verdict": "not_applicable"} if track["begin"] is None else world.clock(target, track)
                if clock is not None and words.taken_back(world.spoken):
                    clock = {"verdict": "cancelled"}
                if clock is not None:
                    found[target["objective"], basis, ordinal] = clock
    return found


def in_minutes(duration):
    """Return a fixed duration in minutes."""
    return int(duration[:-1]) * FIXED[duration[-1]]


def episodes(statements, agreement):
    """Part the statements where the provider reopens outside the recurrence window: such a return is measured anew."""
    reopen = {**DEFAULT_REOPEN, **agreement.get("reopen", {})}
    window = in_minutes(reopen["window"])
    if reopen["rule"] == "new":  # any return after a restore that held
        window = max(0, in_minutes(agreement.get("stability_window", "0m")) - 1)
    cuts, ended = [], None
    for one in words.by(statements, "provider"):
        if one["phase"] in words.ENDS:
            ended = one["at"] if ended is None else ended
        elif one["phase"] == "reopened" and ended is not None:
            cuts += [(one["at"], ended + window)] if one["at"] - ended > window else []
            ended = None
    parts = [[] for _ in range(len(cuts) + 1)]
    for one in statements:
        ours = one["speaker"] in words.OURS and one.get("episode") is not None
        since = (
            min(words.seen_at(each) for each in statements if each.get("episode") == one.get("episode"))
            if ours
            else one["at"]
        )
        parts[sum(since > after if ours else since >= again for again, after in cuts)].append(one)
    return parts


def track_of(begin, stop, **more):
    """Return a track; a stop is never before its start, and without a start there is nothing to walk."""
    if begin is None:
        return {"begin": None}
    return {"begin": begin, "stop": None if stop is None else max(stop, begin), "quiet": set(), **more}


def first(found):
    """Return when the first of some words was said."""
    return found[0]["at"] if found else None


class World:
    """One incident on one basis."""

    def __init__(self, statements, incident, agreement, basis, as_of, base):
        """Read the start; everything else is read when asked. ``incident`` holds the other episodes too."""
        self.incident = incident
        self.all, self.agreement, self.basis, self.as_of, self.base = statements, agreement, basis, as_of, base
        self.evidence = {**DEFAULT_EVIDENCE, **agreement.get("evidence", {})}
        self.start = words.start(statements, basis, self.evidence["start"])
        self.spoken = words.by(statements, "provider")
        self.stability = in_minutes(agreement.get("stability_window", "0m"))

    def tracks(self, objective):
        """Return the tracks of one objective, in order."""
        if objective == "notify":
            return self._notify()
        return [] if self.start is None else getattr(self, f"_{objective}")()

    def _notify(self):
        claimed, seen = words.provider_begin(self.all), words.onset(self.all)
        ways = (claimed, seen) if self.basis == "claimed" else (seen, claimed)
        begin = ways[1] if ways[0] is None else ways[0]
        return [track_of(begin, first(self.spoken))]

    def _acknowledge(self):
        robots = self.evidence.get("automatic_replies_count", False)
        return [track_of(self.start, first([one for one in self.spoken if robots or not one.get("robot")]))]

    def _respond(self):
        engaged = words.ORDER.index("engaged")
        return [track_of(self.start, first([one for one in self.spoken if words.ORDER.index(one["phase"]) >= engaged]))]

    def _update(self):
        """One track per gap: from each word with news, while it is unresolved, to the next word with news."""
        gaps, heard, since, resolved = [], set(), None, False
        for one in self.spoken:
            ends = one["phase"] in ("resolved", "closed", "cancelled")
            resolved = (resolved or ends) and one["phase"] != "reopened"
            if one.get("text") in heard or one.get("robot"):
                continue
            heard.add(one.get("text"))
            if since is not None:
                gaps.append(track_of(since["at"], one["at"], promised=self._promise(since)))
            since = None if resolved else one
        if since is not None:
            gaps.append(track_of(since["at"], None, promised=self._promise(since)))
        return gaps

    @staticmethod
    def _promise(one):
        promised = one.get("promised")
        return promised if promised is not None and promised > one["at"] else None

    def _restore(self):
        return self._joined(stretches(self))

    def _workaround(self):
        """The first word of a workaround ends it, or the first end that held; no return begins it again."""
        end = stretches(self)[0][1]
        mitigated = [one["at"] for one in self.spoken if one["phase"] == "mitigated"]
        settled = [track_of(self.start, end, unsettled=self._may_not_hold(end))]
        if mitigated and (end is None or mitigated[0] < end):
            return [track_of(self.start, mitigated[0])]
        return settled

    def _may_not_hold(self, end):
        return end is not None and end <= self.as_of < end + self.stability

    def _resolve(self):
        return self._joined(stretches(self, resolving=True), resolving=True)

    def _joined(self, found, resolving=False):
        """Put stretches of trouble on one clock by the rule of reopening: (begin, end) pairs, ascending."""
        rule = {**DEFAULT_REOPEN, **self.agreement.get("reopen", {})}["rule"]
        track = track_of(*found[0])
        for begin, end in found[1:]:
            if rule != "inclusive":
                track["quiet"].update(range(track["stop"], begin))
            track["stop"] = end
        track["unsettled"] = not resolving and self._may_not_hold(track["stop"])
        return [track]

    def _root_cause(self):
        found = self._restore()
        last = found[-1]
        if last["stop"] is None or last["unsettled"] or last["stop"] > self.as_of:
            return []
        return [track_of(last["stop"], first([one for one in self.spoken if one["phase"] == "root_cause"]))]

    def clock(self, target, track):
        """Judge one track under the priorities that were reached; what was taken back or is excused is not judged."""
        found = self._judged(target, track)
        over = self.as_of if found is None or found.get("stop") is None else found["stop"]
        if found is None or "begin" not in found:
            return found
        over = max(over, track["begin"] + 1)  # of a clock that was stopped at once, that minute
        covered = set().union(*claims.excluded_minutes(self, track["begin"], over))
        return {"verdict": "excluded"} if len(covered) == over - track["begin"] else found

    def _recovery_point(self):
        return [track_of(self.start, None)]

    def _judged(self, target, track):
        steps = [step for step in severity_steps(self) if step[0] <= self.as_of]
        reached = [name for _, name in steps]
        if target.get(reached[-1]) is None:
            return None
        if target["objective"] == "recovery_point":
            return claims.recovery(self, target, reached, self.agreement["priority_change"])
        mode = self.agreement.get("priority_change", "retroactive")
        if mode == "reset":
            return self._reset(target, track, steps)
        names = [reached[-1]] if mode == "retroactive" else [name for name in reached if target.get(name)]
        walked = [self._walk(target, track, track["begin"], name) for name in names]
        return min(walked, key=lambda clock: (clock["due"] or HORIZON, clock["breach"]))

    def _reset(self, target, track, steps):
        """Begin anew at each rise, unless the clock had stopped or been passed before."""
        begin, name = track["begin"], steps[0][1]
        for minute, higher in steps[1:]:
            stopped = track["stop"] is not None and track["stop"] <= minute
            before = self._walk(target, track, begin, name) if target.get(name) else None
            if before is not None and before["breached"] is not None and before["breached"] < minute:
                return before
            if not stopped and minute > begin:
                begin = next(later for later in range(minute, HORIZON) if later not in track["quiet"])
            name = higher if not stopped else name
        return self._walk(target, track, begin, name) if target.get(name) else None

    def _walk(self, target, track, begin, priority):
        """Count one clock under its calendar; a promise bounds it in wall time, whichever falls due first."""
        name = target.get(f"{priority}_calendar", target.get("calendar"))
        spec = ALWAYS if name is None else self.agreement["calendars"][name]
        calendar = hours(spec, self.agreement["timezone"], self.base)
        found = self._count(target, track, begin, calendar, calendar.length(begin, target[priority]))
        if track.get("promised") is None:
            return found
        wall = hours(ALWAYS, "UTC", self.base)
        bound = self._count({**target, "objective": "promise"}, track, begin, wall, track["promised"] - begin)
        return bound if bound["breach"] < found["breach"] else found

    def _count(self, target, track, begin, calendar, limit):
        """Count the minutes of one clock, one by one."""
        over = track["stop"] is not None and track["stop"] <= self.as_of
        until = track["stop"] if over else self.as_of
        horizon = until if over else HORIZON
        held = paused_minutes(self, target["objective"], begin, horizon)
        if target["objective"] != "promise":
            held = held.union(*claims.excluded_minutes(self, begin, horizon))
        counted = elapsed = 0
        due, breach = begin if limit == 0 else None, HORIZON
        for minute in range(begin, HORIZON):
            if breach < HORIZON and minute >= until:
                break
            if not calendar.open[minute] or minute in track["quiet"] or minute in held:
                continue
            if counted == limit:
                breach = minute
            counted += 1
            elapsed += minute < until
            if counted == limit:
                due = minute + 1
        passed = breach < until
        verdict = ("breached" if passed else "met") if over else "overdue" if passed else "running"
        if verdict == "running" and self.as_of in held:
            verdict = "paused"
        stilled = [minute for minute in held if minute < until and minute not in track["quiet"]]
        return {
            "begin": begin, "stop": track["stop"] if over else None, "due": due, "elapsed": elapsed, "target": limit,
            "paused": sum(calendar.open[minute] for minute in stilled), "verdict": verdict, "breach": breach,
            "breached": breach if passed else None, "unsettled": track.get("unsettled", False),
        }  # fmt: skip
