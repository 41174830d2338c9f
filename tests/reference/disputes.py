"""What is argued about, added to random incidents: excuses, lower severities, points, edits, false alarms."""

from hypothesis import strategies as st

from tests.reference.words import ENDS

RULINGS = st.sampled_from(["accepted", "accepted", "rejected", "disputed"])


def disputed(draw, found):
    """Add claims with rulings on them, and what else revises an incident."""
    told = [one["at"] for one in found if one["speaker"] == "provider"]
    minutes = st.integers(min(told), max(told) + 50)
    more = []
    for number in range(draw(st.integers(0, 2))):
        more += _claim(draw, number, draw(minutes))
    for number in range(draw(st.integers(0, 2))):
        who = draw(st.sampled_from(["provider", "customer", "monitor"]))
        at = draw(minutes)
        point = {"recovery_point": draw(st.integers(0, at)), "speaker": who, "phase": "update"}
        more.append({**point, "at": at, "id": f"v{number}", "text": f"v{number}",
                     **({} if who != "monitor" else {"episode": "backup"})})  # fmt: skip
    if not any(one["phase"] == "severity_changed" for one in more):  # whether an edit says its severity anew is open
        more += _edits(draw, found)
    if draw(st.integers(0, 5)) == 0:
        more.append({"speaker": "provider", "phase": "cancelled", "at": max(told) + draw(st.integers(1, 50)),
                     "id": "x", "text": "x"})  # fmt: skip
    return more


def _claim(draw, number, at):
    """A claim that it is excused or less severe, perhaps ruled upon once or twice."""
    who = draw(st.sampled_from(["provider", "provider", "customer"]))
    claim = {"speaker": who, "at": at, "id": f"q{number}", "text": f"q{number}"}
    if draw(st.booleans()):
        claim |= {"phase": "severity_changed", "severity": "minor"}
    else:
        begin = draw(st.integers(max(0, at - 600), at))
        interval = {"claimed": begin, "claimed_end": begin + draw(st.integers(1, 900))}
        reason = draw(st.sampled_from(["force_majeure", "customer_fault", "bad_luck"]))
        claim |= {"phase": "excluded", "reason": reason, **(interval if draw(st.booleans()) else {})}
    rulings = draw(st.lists(RULINGS, max_size=2)) if who == "provider" else []
    said = {key: claim[key] for key in ("phase", "reason") if key in claim}
    return [claim] + [
        {**said, "speaker": "customer", "at": at + (place + 1) * draw(st.integers(1, 200)), "id": f"r{number}{place}",
         "ruling": ruling, "concerns": claim["id"]}
        for place, ruling in enumerate(rulings)
    ]  # fmt: skip


def _edits(draw, found):
    """Later versions of statements: another begin or end, another promise, nothing else."""
    able = [one for one in found if one["speaker"] == "provider" and one["phase"] in ("reported", *ENDS, "update")]
    more = []
    for number, one in enumerate(draw(st.lists(st.sampled_from(able), max_size=2, unique_by=lambda one: one["id"]))):
        edit = {**one, "edits": one["id"], "id": f"{one['id']}v{number}", "published": one["at"]}
        edit["at"] = one["at"] + draw(st.integers(1, 900))
        if one["phase"] == "update" and one["promised"] is None:
            continue  # whether an edit can add a promise is open
        if one["phase"] == "update":
            edit["promised"] = draw(st.none() | st.integers(one["at"] - 20, one["at"] + 400))
        else:
            edit["claimed"] = draw(st.integers(max(0, one["at"] - 200), one["at"]))
        more.append(edit)
    return more
