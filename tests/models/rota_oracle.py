"""A slow reading of rotas that shares nothing with ``models.rota``: it walks minute by minute and watches the clock.

A layer's count of handovers goes up at the first minute of a local date on which the wall clock shows the time of
handover, or a later one, or a later date. Hours are those of ``calendar_oracle``.
"""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from tests.models.calendar_oracle import NAMES, open_flags, wall_minutes

MINUTE = timedelta(minutes=1)


def turns_of(layer, begin, count):
    """Return whose turn it is in each of ``count`` minutes from ``begin``, hours aside: a name or None.

    Args:
        layer: a layer as the document writes it, with all keys.
        begin: before its ``since``, or on it: a whole UTC minute.
        count: of minutes.
    """
    zone = ZoneInfo(layer["timezone"])
    word, clock = layer["handover"].split(" ")
    since = date.fromisoformat(layer["since"])
    wanted = (int(clock[:2]), int(clock[3:]))
    handed, reached, whose = 0, set(), []
    for step in range(count):
        shown = (begin + step * MINUTE).astimezone(zone)
        # A date that the zone skips is reached with the next one.
        for back in (1, 0):
            day = shown.date() - timedelta(days=back)
            is_there = day >= since and (word == "daily" or NAMES[day.weekday()] == word)
            if is_there and day not in reached and (back or (shown.hour, shown.minute) >= wanted):
                reached.add(day)
                handed += 1
        members = layer["members"]
        whose.append(members[(handed - 1) // layer["turns"] % len(members)] if handed else None)
    return whose


def duty(rota, begin, count):
    """Return who has duty in each of ``count`` minutes from ``begin``, by layers and overrides."""
    found = [None] * count
    for layer in rota["layers"]:
        # From a day before since, so that the count begins at none.
        first = datetime.fromisoformat(layer["since"]).replace(tzinfo=UTC) - timedelta(days=2)
        before = max(0, int((begin - first) / MINUTE))
        whose = turns_of(layer, begin - before * MINUTE, before + count)[before:]
        flags = [1] * count
        if layer.get("hours"):
            hours = {name: layer["hours"]["hours"].get(name, ()) for name in NAMES}
            dates = {date.fromisoformat(one["date"]): one.get("hours", ()) for one in layer["hours"]["holidays"]}
            flags = open_flags(wall_minutes(begin, count, layer["timezone"]), hours, dates)
        found = [old or (who if flag else None) for old, who, flag in zip(found, whose, flags, strict=True)]
    for one in rota["overrides"]:
        since, until = (datetime.fromisoformat(one[key]) for key in ("from", "until"))
        for step in range(count):
            if since <= begin + step * MINUTE < until:
                found[step] = one["member"]
    return found


def spans(begin, names):
    """Return ``duty`` as the product tells turns: (from, until, who), where neighbours differ."""
    edges = [0, *(step for step in range(1, len(names)) if names[step] != names[step - 1]), len(names)]
    return [(begin + a * MINUTE, begin + b * MINUTE, names[a]) for a, b in pairwise(edges) if a < b]
