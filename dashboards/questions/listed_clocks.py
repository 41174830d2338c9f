"""Questions about clocks that are one search each. Pure."""

from dashboards.questions.asking import (
    BASIS,
    LIMIT,
    OBJECTIVE,
    PRIORITY,
    PROVIDER,
)
from dashboards.questions.listings import ABOUT, BOUNDED, Listing
from models.questions import Input, InputKind

CLOCK = (
    ("incident_id", "Incident.", None),
    ("provider", "Provider.", None),
    ("objective", "What the clock measures.", None),
    ("priority", "Priority of the incident.", None),
)

CLOCK_LISTINGS = (
    Listing(
        "clocks-run-out",
        "Which clocks ran out, and by how much?",
        "clocks",
        'basis : "agreed" and verdict : ("breached" or "overdue")',
        (
            *CLOCK,
            ("verdict", "`breached` has stopped, `overdue` still runs.", None),
            ("target_s", "What was agreed.", "s"),
            ("over_s", "By how much it ran over at least; empty while it runs.", "s"),
            ("due_at", "When it was due.", "instant"),
            ("stopped_at", "When it stopped.", "instant"),
        ),
        ("-over_s", "due_at"),
        "Clocks on the agreed basis.",
        (ABOUT, OBJECTIVE, PRIORITY, *BOUNDED),
    ),
    Listing(
        "near-misses",
        "Which clocks were met with less than a quarter of their target left?",
        "clocks",
        'basis : "agreed" and verdict : "met" and used_share >= 0.75',
        (
            *CLOCK,
            ("used_share", "Share of the target that was used up.", "share"),
            ("target_s", "What was agreed.", "s"),
            ("elapsed_min_s", "How long it took at least.", "s"),
            ("stopped_at", "When it stopped.", "instant"),
        ),
        ("-used_share", "-stopped_at"),
        "Clocks on the agreed basis.",
        (OBJECTIVE, PRIORITY, *BOUNDED),
    ),
    Listing(
        "clocks-due",
        "Which clocks run, and which is due first?",
        "clocks",
        'basis : "agreed" and verdict : ("pending" or "running" or "paused" or "overdue")',
        (
            *CLOCK,
            ("verdict", "Where it stands.", None),
            ("due_at", "When it is due; empty while it is paused.", "instant"),
            ("target_s", "What was agreed.", "s"),
        ),
        ("due_at",),
        "Clocks on the agreed basis.",
        (ABOUT, PROVIDER, LIMIT),
    ),
    Listing(
        "slowest",
        "Which took longest?",
        "clocks",
        'verdict : ("met" or "breached") and elapsed_max_s : *',
        (
            *CLOCK,
            ("elapsed_max_s", "How long it took at most.", "s"),
            ("target_s", "What was agreed.", "s"),
            ("verdict", "What came of it.", None),
            ("started_at", "When it began.", "instant"),
        ),
        ("-elapsed_max_s", "started_at"),
        "Clocks that have stopped and were judged.",
        (
            Input("objective", InputKind.WORD, "Clocks of this objective.", required=False, default="restore"),
            BASIS,
            PRIORITY,
            *BOUNDED,
        ),
    ),
    Listing(
        "not-judged",
        "Which clocks nobody can judge, and why?",
        "clocks",
        'basis : "agreed" and verdict : "indeterminate"',
        (*CLOCK, ("reason", "Why, in words.", None), ("started_at", "When it began.", "instant")),
        ("-@timestamp",),
        "Clocks on the agreed basis.",
        (ABOUT, OBJECTIVE, *BOUNDED),
    ),
    Listing(
        "verdicts-changed",
        "Which verdicts were replaced after they had been given, and by which statement?",
        "clocks",
        'replaces : ("met" or "breached" or "indeterminate")',
        (
            *CLOCK,
            ("basis", "Whose times.", None),
            ("replaces", "The verdict before.", None),
            ("verdict", "The verdict now.", None),
            ("caused_by", "Notice, or wake, that changed it.", None),
            ("revision", "How often the clock was revised.", None),
        ),
        ("-@timestamp",),
        "Clocks in their last revision: what came between is in the notices (`rewritten-afterwards`).",
        (ABOUT, *BOUNDED),
    ),
)
