"""What runs beside a clock, minute by minute: trouble and pauses."""

from tests.reference import claims, words
from tests.reference.hours import FIXED, HORIZON


def stretches(world, resolving=False):
    """Return the stretches of trouble on a basis as (begin, end) pairs; the end is None while it goes on."""
    down = bytearray(HORIZON)
    for begin, end in _by_the_provider(world, resolving) if resolving or not _seen(world) else _by_us(world):
        for minute in range(max(begin, world.start), HORIZON if end is None else end):
            down[minute] = 1
    _fill(down, world.start, 0 if resolving else world.stability)
    found, minute = [], world.start
    while minute < HORIZON:
        if down[minute]:
            last = minute
            while last < HORIZON and down[last]:
                last += 1
            found.append((minute, None if last == HORIZON else last))
            minute = last
        minute += 1
    return [(world.start, found[0][1]), *found[1:]] if found else [(world.start, world.start)]


def _seen(world):
    """Tell whether our witnesses judge this basis."""
    ruled = world.basis == "observed" or (world.basis == "agreed" and world.evidence["restore"] == "observed")
    return ruled and bool(_by_us(world))


def _by_the_provider(world, resolving):
    rule = {"claimed": "claimed", "observed": "published"}.get(world.basis, world.evidence["restore"])
    rule = "claimed" if rule == "observed" else rule
    ends = ("resolved", "closed") if resolving else words.ENDS
    found, since = [], world.start
    for one in world.spoken:
        if one["phase"] in ends and since is not None:
            found.append((since, max(since, words.end_said(one, rule))))
            since = None
        elif one["phase"] == "reopened" and since is None:
            since = one["at"]
    return [*found, (since, None)] if since is not None else found


def _by_us(world):
    """Each witness's own episodes. A probe's goes on until it says otherwise; a call that nobody ended tells no end."""
    episodes = {}
    for one in words.by(world.all, *words.OURS):
        mine = episodes.setdefault((one["speaker"], one.get("episode")), [])
        if one["phase"] == "reported" and not (mine and mine[-1][1] is None):
            mine.append([one["at"] if one.get("claimed") is None else one["claimed"], None])
        elif one["phase"] in words.ENDS and mine:
            mine[-1][1] = words.end_said(one, "claimed")
    told = {
        who: mine for who, mine in episodes.items() if who[0] == "monitor" or any(end is not None for _, end in mine)
    }
    return [tuple(pair) for mine in told.values() for pair in mine]


def _fill(down, start, window):
    """Fill every time of being up that did not last as long as the stability window."""
    last = None
    for minute in range(start, HORIZON):
        if not down[minute]:
            continue
        if last is not None and 1 < minute - last <= window:
            down[last + 1 : minute] = bytes([1]) * (minute - last - 1)
        last = minute


def paused_minutes(world, objective, begin, until):
    """Return the minutes from one to before another that a counted pause takes out."""
    found = set()
    for reason in {one.get("reason") for one in world.all if one["phase"] == "paused"}:
        spec = _listed(world, reason, objective)
        if spec is None:
            continue
        minutes = set()
        for first, last in _intervals(world, reason, spec):
            minutes.update(range(max(first, begin), until if last is None else min(last, until)))
        limit = spec.get("limit")
        found.update(sorted(minutes)[: None if limit is None else int(limit[:-1]) * FIXED[limit[-1]]])
    return found


def _listed(world, reason, objective):
    """Return the clause of a pause; on the claimed basis nobody needs to accept it."""
    listed = [one for one in world.agreement.get("pauses", ()) if one["reason"] == reason]
    found = next((one for one in listed if objective in one["objectives"]), None)
    return {**found, "needs_acceptance": False} if found and world.basis == "claimed" else found


def _intervals(world, reason, spec):
    """From when it was said, on our side from the acceptance; one that names its interval is accepted whole."""
    for one in words.by(world.all, "provider", "customer"):
        if one["phase"] != "paused" or one.get("reason") != reason or one.get("ruling") or one["at"] > world.as_of:
            continue
        whole = one.get("claimed_end") is not None and one.get("claimed") is not None
        ends = [_resumed(world, one, reason), one["claimed_end"] if whole else None]
        first = _counts_from(world, one, spec.get("needs_acceptance"), one["claimed"] if whole else None)
        if first is not None:
            yield first, min((end for end in ends if end is not None), default=None)


def _counts_from(world, one, needs_acceptance, named):
    """Return the minute from which a pause counts on a basis; None where it never does."""
    said = one["at"]
    if one["speaker"] == "customer" or world.basis == "claimed":
        return said if named is None else named
    answers = claims.rulings(world, one)
    if not answers:
        return None if needs_acceptance else said
    if answers[-1]["ruling"] != "accepted":
        return None
    if named is not None:
        return named
    if not needs_acceptance:
        return said
    return answers[-1]["at"] if answers[-1].get("claimed") is None else answers[-1]["claimed"]


def _resumed(world, pause, reason):
    after = [
        one["at"]
        for one in words.by(world.all, "provider", "customer")
        if one["phase"] == "resumed" and one.get("reason") in (None, reason) and one["at"] > pause["at"]
    ]
    return after[0] if after and after[0] <= world.as_of else None
