"""What was said, by whom, and what it says of beginnings and ends on each basis. Minutes; statements are dicts.

Keys of a statement: ``speaker``, ``phase``, ``at`` (said and received), and where said: ``claimed``, ``claimed_end``,
``promised``, ``promises``, ``severity``, ``text``, ``reason``, ``ruling``, ``concerns``, ``robot``, ``recovery_point``,
``episode`` (the source's own incident).
"""

ORDER = [
    "reported",
    "acknowledged",
    "engaged",
    "update",
    "mitigated",
    "restored",
    "resolved",
    "closed",
    "reopened",
    "cancelled",
    "paused",
    "resumed",
    "severity_changed",
    "promised",
    "root_cause",
    "excluded",
]
ENDS = ("restored", "resolved", "closed")
OURS = ("monitor", "customer")


def in_order(statements):
    """Return statements as time and the ranks of phases order them."""
    return sorted(statements, key=lambda one: (one["at"], ORDER.index(one["phase"]), one.get("id", "")))


def versions(statements, basis):
    """Return each statement in its last version; edits change what is claimed, and not when it was said.

    ``edits`` names the statement that is another version of. A promise is moved by an edit on the claimed basis only.
    """
    edits = in_order([one for one in statements if one.get("edits")])
    found = {one["id"]: dict(one) for one in statements if not one.get("edits")}
    for edit in edits:
        moved = ("claimed", "claimed_end", *(("promised",) if basis == "claimed" else ()))
        found[edit["edits"]].update({key: edit.get(key) for key in moved})
    return list(found.values())


def taken_back(spoken):
    """Tell whether the provider says that it was none: a false alarm, and no return after it."""
    said = [one["phase"] for one in spoken if one["phase"] in ("cancelled", "reopened") and not one.get("concerns")]
    return bool(said) and said[-1] == "cancelled"


def by(statements, *speakers):
    """Return what these speakers said, in order."""
    return [one for one in in_order(statements) if one["speaker"] in speakers]


def begin_claim(one):
    """Return the begin that a statement names: of an end, only where it names an interval."""
    if one["phase"] in ENDS and one.get("claimed_end") is None:
        return None
    return one.get("claimed") if one["phase"] in (*ENDS, "reported") else None


def end_claim(one):
    """Return the end that a word of an end names; a claimed end not after its begin is no interval."""
    begin, end = one.get("claimed"), one.get("claimed_end")
    if end is None:
        return begin
    return None if begin is not None and end <= begin else end


def end_said(one, rule):
    """Return the minute of an end by a rule: ``claimed`` prefers the time that is named."""
    named = end_claim(one) if rule == "claimed" else None
    return one["at"] if named is None else named


def provider_begin(statements):
    """Return the begin that the provider claims now."""
    named = [begin_claim(one) for one in by(statements, "provider")]
    return next((begin for begin in reversed(named) if begin is not None), None)


def first_word(statements):
    """Return when the provider first spoke, unless its first word is that it is over."""
    words = by(statements, "provider")
    return words[0]["at"] if words and words[0]["phase"] not in ENDS else None


def seen_at(one):
    """Return when a witness says that it began."""
    return one["at"] if one.get("claimed") is None else one["claimed"]


def onset(statements):
    """Return when our witnesses first saw it."""
    seen = [
        seen_at(one)
        for one in by(statements, *OURS)
        if one["phase"] == "reported" or (one["phase"] in ENDS and one.get("claimed_end") is not None)
    ]
    return min(seen, default=None)


def our_report(statements):
    """Return when our people told of it."""
    told = [one["at"] for one in by(statements, "customer") if one["phase"] == "reported"]
    return min(told, default=None)


def start(statements, basis, rule):
    """Return the incident's start on a basis; None where nobody named or showed one."""
    claimed, seen = provider_begin(statements), onset(statements)
    said, told = first_word(statements), our_report(statements)
    if basis == "claimed":
        return next((minute for minute in (claimed, said, seen) if minute is not None), None)
    if basis == "observed":
        return next((minute for minute in (seen, said) if minute is not None), None)
    chosen = {"claimed": claimed, "reported": told, "observed": seen, "published": said, "earliest": None}[rule]
    known = [minute for minute in (claimed, told, seen, said) if minute is not None]
    return min(known, default=None) if chosen is None else chosen
