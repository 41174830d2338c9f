"""The tables of docs/findings.md, each a function of the figures. Pure."""

from collections.abc import Callable, Iterator, Sequence

from holdfast.histories.statistics import Figures
from holdfast.histories.words import NOT_ENOUGH, count, hours, percent, span, table, typical

Report = dict[str, Figures]
"""Figures by history."""

PAGES = ("github", "oracle-cloud", "google-2020", "google-2022", "google-2026")
DESKS = ("service-desk", "volvo-it")
WATCHED = (*PAGES[1:], "bc-hydro")
"""Histories in which the provider names times that differ from when it spoke, or that were polled."""


def overview(report: Report) -> str:
    """What each history holds, and what of it can't be used."""
    head = (
        "history", "first to last begin", "payloads", "incidents", "notices", "entered afterwards", "other left out",
    )  # fmt: skip
    return table(head, (_history(row) for row in report.values()))


def _history(row: Figures) -> tuple[str, ...]:
    held = row["overview"]
    afterwards = held["imported"] + held["written_afterwards"]
    other = [
        f"{held['maintenance']} maintenance" if held["maintenance"] else "",
        f"{held['unread']} rows unreadable" if held["unread"] else "",
    ]
    return (
        row["title"],
        f"{held['first']} to {held['last']}",
        count(held["payloads"]),
        count(held["incidents"]),
        count(held["notices"]),
        count(afterwards) if afterwards else "-",
        ", ".join(one for one in other if one) or "-",
    )


def _answers(history: str, objectives: Sequence[str]) -> Callable[[Report], str]:
    """Return the table of one history's objectives, by year and priority."""

    def block(report: Report) -> str:
        if history not in report:
            return ""
        rows: dict[tuple[int | None, str], dict[str, Figures]] = {}
        for row in report[history]["answers"]:
            if row["priority"] is not None and row["objective"] in objectives:
                rows.setdefault((row["year"], row["priority"]), {})[row["objective"]] = row
        useful = {key: found for key, found in rows.items() if any(one["n"] for one in found.values())}
        if len({year for year, _ in useful if year}) == 1:  # the one year says what all years say
            useful = {key: found for key, found in useful.items() if key[0] is None}
        return table(
            ("year", "priority", *objectives),
            (
                (str(year or "all"), priority, *(_cell(found.get(one), history) for one in objectives))
                for (year, priority), found in sorted(useful.items(), key=lambda one: (one[0][0] or 0, one[0][1]))
            ),
        )

    return block


def _cell(row: Figures | None, history: str) -> str:
    """Return median / p90, share met, n, and what is open; of office clocks in hours, for a day means no day there."""
    if row is None:
        return "-"
    is_office = history in DESKS or row["objective"] == "root_cause"
    rest = [f"{row[key]} {word}" for key, word in (("open", "open"), ("overdue", "overdue")) if row[key]]
    told = f"n {count(row['n'])}" + "".join(f", {one}" for one in rest)
    if row["met_share"] is None:
        return typical(row, hours if is_office else span)
    return f"{typical(row, hours if is_office else span)}; met {percent(row['met_share'])}; {told}"


def first_words(report: Report) -> str:
    """How long after the begin that the provider itself claims it first spoke."""
    rows = [(report[one]["title"], report[one]["first_words"]) for one in PAGES if one in report]
    head = ("page", "incidents told live", "median", "p90", "within the same minute")
    return table(
        head,
        (
            (title, count(row["n"]), span(row["median_s"]), span(row["p90_s"]), count(row["same_minute"]))
            for title, row in rows
        ),
    )


def bases(report: Report) -> str:
    """What the verdicts on restoration would be if only what we saw counted."""
    head = (
        "history", "clocks judged by both", "late by the provider's times", "late by what we saw", "differ",
        "shorter", "longer", "lengths differ by: median, p90", "undecided by what we saw",
    )  # fmt: skip
    rows = [(report[one]["title"], row) for one in WATCHED if one in report for row in report[one]["bases"]]
    return table(
        head,
        (
            _basis(title, row)
            for title, row in rows
            if (row["objective"], row["other"]) == ("restore", "observed") and row["judged_by_both"]
        ),
    )


def _basis(title: str, row: Figures) -> tuple[str, ...]:
    shift = row["shift"]
    apart = f"{span(shift['median_s'])}, {span(shift['p90_s'])}" if shift["median_s"] is not None else NOT_ENOUGH
    counts = (row[key] for key in ("judged_by_both", "failed_here", "failed_there", "differ", "shorter_there"))
    return (title, *map(count, counts), count(row["longer_there"]), apart, count(row["undecided_there"]))


def edits(report: Report) -> str:
    """What the feeds mark as changed, and what we saw change between looks."""
    head = ("history", "statements", "marked as changed", "looks", "seen to change", "begins moved", "ends moved")
    return table(head, (_edits(row) for row in report.values() if _may_change(row)))


def _may_change(row: Figures) -> bool:
    return bool(row["edits"]["marked_edited"] or row["overview"]["looks"] > 1)


def _edits(row: Figures) -> tuple[str, ...]:
    found, looks = row["edits"], row["overview"]["looks"]
    watched = looks > 1
    return (
        row["title"],
        count(found["statements"]),
        f"{count(found['marked_edited'])} ({percent(found['marked_edited'] / found['statements'])})",
        count(looks),
        count(found["seen_edited"]) if watched else "one look shows none",
        f"{len(found['begins_moved'])} of {found['watched']} watched" if watched else "-",
        f"{len(found['ends_moved'])} of {found['ended_while_watched']} that named one" if watched else "-",
    )


def moves(report: Report) -> str:
    """Every begin and end that we saw move, with what it did to the clock."""
    head = ("incident", "which", "said first (UTC)", "said later (UTC)", "moved by", "restore clock before", "after")
    return table(head, (_move(move) for row in report.values() for key in ("begins_moved", "ends_moved")
                        for move in row["edits"][key]))  # fmt: skip


def _move(move: Figures) -> tuple[str, ...]:
    return (
        move["incident"], move["what"], move["from"], move["to"], span(move["moved_s"]),
        _state(move["before"]), _state(move["after"]),
    )  # fmt: skip


def _state(clock: Figures | None) -> str:
    if clock is None:
        return "-"
    length = clock["length_s"]
    return clock["verdict"] if length is None else f"{clock['verdict']} after {span(length)}"


def promises(report: Report) -> str:
    """How providers kept the times that they named for their next word."""
    rows = [(row["title"], row["words_promised"]) for row in report.values() if row["words_promised"]]
    head = (
        "page", "promises", "kept", "late", "time asked for: median", "late by: median, p90", "late by 15 min at most",
    )  # fmt: skip
    return table(
        head,
        (
            (
                title,
                count(row["promises"]),
                f"{count(row['kept'])} ({percent(row['kept_share'])})",
                count(row["late"]),
                span(row["asked_for"]["median_s"]),
                f"{span(row['late_by']['median_s'])}, {span(row['late_by']['p90_s'])}" if row["late"] >= 5 else "-",
                count(row["late_within_15m"]),
            )
            for title, row in rows
            if row["promises"]
        ),
    )


def silences(report: Report) -> str:
    """The gaps between words that say something new, while unresolved."""
    head = ("page", "gaps", "median", "p90", "within the interval", "can't be judged", "longest")
    rows = [(row["title"], row["silences"]) for row in report.values() if row["silences"]["clocks"]]
    return table(
        head,
        (
            (
                title, count(row["clocks"]), span(row["median_s"]), span(row["p90_s"]), percent(row["met_share"]),
                count(row["indeterminate"]), span(row["worst"][0]["length_s"]) if row["worst"] else "-",
            )
            for title, row in rows
        ),
    )  # fmt: skip


def worst(report: Report) -> str:
    """The longest silences of each page, an incident once."""
    head = ("page", "incident", "from (UTC)", "silent for", "what about")
    return table(head, _worst(report))


def _worst(report: Report) -> Iterator[tuple[str, ...]]:
    for row in report.values():
        told: set[str] = set()
        for gap in row["silences"]["worst"]:
            if gap["incident"] not in told and gap["length_s"] >= 6 * 3600 and len(told) < 2:
                told.add(gap["incident"])
                title = " ".join(gap["title"].split())
                short = title if len(title) <= 70 else f"{title[:67].rstrip()}..."
                yield row["title"], f"`{gap['incident']}`", gap["from"], span(gap["length_s"]), short


def desks(report: Report) -> str:
    """The same clocks under the agreement and its drafts."""
    head = ("desk", "clock", "n", "late as agreed", "late without pauses", "late around the clock", "differ")
    return table(head, (_desk(report[one], clock) for one in DESKS if one in report for clock in ("respond", "resolve")
                        if clock in report[one]["drafts"]["no-pauses"]))  # fmt: skip


def _desk(row: Figures, clock: str) -> tuple[str, ...]:
    plain, always = row["drafts"]["no-pauses"][clock], row["drafts"]["around-the-clock"][clock]
    return (
        row["title"], clock, count(plain["clocks"]),
        f"{count(plain['failed_here'])} ({percent(plain['failed_here'] / plain['clocks'])})",
        f"{count(plain['failed_there'])} ({percent(plain['failed_there'] / plain['clocks'])})",
        f"{count(always['failed_there'])} ({percent(always['failed_there'] / always['clocks'])})",
        f"{count(plain['differ'])} and {count(always['differ'])}",
    )  # fmt: skip


def pauses(report: Report) -> str:
    """Why desks stopped their clocks."""
    head = ("desk", "reason in the desk's words", "pauses", "listed in the agreement")
    return table(
        head,
        (
            (report[one]["title"], f"`{row['reason']}`", count(row["count"]), "yes" if row["listed"] else "no")
            for one in DESKS
            if one in report
            for row in report[one]["pauses"]["by_reason"]
        ),
    )


def causes(report: Report) -> str:
    """How long major outages lasted, by cause."""
    head = ("cause", "outages", "no length told", "n", "median", "p90", "over within 24 h")
    rows = [row for history in report.values() for row in history["causes"]]
    return table(
        head,
        (
            (
                row["cause"], count(row["incidents"]), count(row["without_length"]), count(row["n"]),
                span(row["median_s"]), span(row["p90_s"]), percent(row["met_share"]),
            )
            for row in rows
        ),
    )  # fmt: skip


BLOCKS: dict[str, Callable[[Report], str]] = {
    "overview": overview,
    "github": _answers("github", ("respond", "restore")),
    "google-2020": _answers("google-2020", ("notify", "respond", "restore")),
    "google-2022": _answers("google-2022", ("notify", "respond", "restore", "root_cause")),
    "oracle-cloud": _answers("oracle-cloud", ("respond", "restore")),
    "service-desk": _answers("service-desk", ("respond", "resolve")),
    "volvo-it": _answers("volvo-it", ("resolve",)),
    "first-words": first_words,
    "bases": bases,
    "edits": edits,
    "moves": moves,
    "promises": promises,
    "silences": silences,
    "worst": worst,
    "desks": desks,
    "pauses": pauses,
    "causes": causes,
}
"""By the name that the page's markers use."""
