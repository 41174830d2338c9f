"""What one side claims and the other rules upon, minute by minute: exclusions, lower priorities, recovery points."""

from tests.reference import words
from tests.reference.hours import FIXED


def rulings(world, claim):
    """Return what our people said of a claim so far, in order; a ruling without a name answers each one before it."""
    return [
        one
        for one in words.by(world.incident, "customer")
        if one["phase"] == claim["phase"] and one.get("ruling") and one.get("reason") in (None, claim.get("reason"))
        and one.get("concerns") in (None, claim["id"]) and claim["at"] <= one["at"] <= world.as_of
    ]  # fmt: skip


def accepted_at(world, claim):
    """Return when our people accepted a claim, if their last word on it is that."""
    answers = rulings(world, claim)
    return answers[-1]["at"] if answers and answers[-1]["ruling"] == "accepted" else None


def severity_steps(world):
    """Return (minute, priority) for each change; a return that names none goes by what was in force before it."""
    steps = _steps(world, world.all)
    if steps:
        return [(-1, steps[0][1]), *steps[1:]]
    begin = min(one["at"] for one in world.spoken) if world.spoken else 0
    before = _steps(world, [one for one in world.incident if one["at"] < begin])
    return [(-1, before[-1][1] if before else max(world.agreement["priorities"]))]


def _steps(world, statements):
    """Return each change that statements make: a rise counts at once, a lowering by whose it is."""
    by_word = {word: name for name, spec in world.agreement["priorities"].items() for word in spec["severities"]}
    events = [(one["at"], one.get("severity"), False) for one in words.by(statements, "provider")]
    steps = []
    for minute, word, lowers in sorted([*events, *_lowered(world, statements)], key=lambda event: event[0]):
        name = by_word.get(word)
        if name and (not steps or name < steps[-1][1] or (lowers and name > steps[-1][1])):
            steps.append((minute, name))
    return steps


def _lowered(world, statements):
    """Yield (minute, word, True): lowered outright by the provider for itself, by us, or with our word."""
    for one in words.by(statements, "provider", "customer"):
        if one["phase"] != "severity_changed" or one.get("ruling") or one.get("severity") is None:
            continue
        ours = one["speaker"] == "customer"
        if ours == (world.basis != "claimed"):
            yield one["at"], one["severity"], True
        elif not ours and accepted_at(world, one) is not None:
            yield accepted_at(world, one), one["severity"], True


def excluded_minutes(world, begin, until):
    """Return the minutes of every claim that counts on a basis; one without an interval is of the whole."""
    found = []
    for one in words.by(world.all, "provider", "customer"):
        listed = one.get("reason") in world.agreement.get("exclusions", ())
        if one["phase"] != "excluded" or one.get("ruling") or one["at"] > world.as_of or not listed:
            continue
        ours = one["speaker"] == "customer"
        counts = {"claimed": True, "observed": False, "agreed": ours or accepted_at(world, one) is not None}
        if counts[world.basis]:
            first, last = one.get("claimed"), one.get("claimed_end")
            whole = first is None or last is None
            found.append(set(range(begin, until) if whole else range(max(begin, first), min(until, last))))
    return found


def recovery(world, target, reached, mode):
    """Return the clock of the recovery point: how much work before the onset is lost; a rise comes after it."""
    named = [one for one in world.all if one.get("recovery_point") is not None and one["at"] <= world.as_of]
    theirs = [one["recovery_point"] for one in named if one["speaker"] == "provider"]
    ours = [one["recovery_point"] for one in named if one["speaker"] != "provider"]
    points = {"claimed": theirs, "observed": ours, "agreed": ours or theirs}[world.basis]
    if not points:
        return {"verdict": "indeterminate"}
    names = {"retroactive": reached[-1:], "reset": reached[:1], "strictest": reached}[mode]
    limit = min(int(target[name][:-1]) * FIXED[target[name][-1]] for name in names)
    begin, end = min(world.start, *points), world.start
    covered = set().union(*excluded_minutes(world, begin, max(end, begin + 1)))
    if len(covered) == max(end, begin + 1) - begin:
        return {"verdict": "excluded"}
    lost = end - begin - len(covered)
    return {"verdict": "met" if lost <= limit else "breached", "elapsed": lost}
