"""Pauses, exclusions, rulings, promises and recovery points as a time line says them, in plain words. Pure."""

from collections.abc import Iterator

from models.instants import format_instant
from models.notice import Notice, Phase, Ruling, Speaker

SIDES = {
    Speaker.PROVIDER: "their side",
    Speaker.CUSTOMER: "our side",
    Speaker.MONITOR: "our monitor",
    Speaker.AUTHORITY: "an authority",
}
RULED = {Phase.PAUSED: "the pause", Phase.RESUMED: "the end of the pause", Phase.EXCLUDED: "the exclusion"}
"""What a ruling of a phase is about, in words; of any other phase it is that phase's statement."""
SAID = {
    Phase.PAUSED: "paused",
    Phase.RESUMED: "resumed",
    Phase.EXCLUDED: "asks for exclusion",
    Phase.CANCELLED: "cancelled",
}


def said_of(notice: Notice) -> str:
    """Return what a notice says of pauses, claims and promises; empty where it says nothing of the kind.

    Same notice, same words. Who spoke is told elsewhere, but for rulings, where it is the point.
    """
    return "; ".join(_parts(notice))


def _parts(notice: Notice) -> Iterator[str]:
    if notice.ruling is not None:
        yield _ruled(notice, notice.ruling)
    elif notice.phase in SAID and (notice.reason or notice.phase is Phase.PAUSED):
        yield SAID[notice.phase] + (f": {_plain(notice.reason)}" if notice.reason else "")
    if notice.recovery_point_at is not None:
        yield f"last recoverable point {format_instant(notice.recovery_point_at)}"
    if notice.promised_at is not None:
        what = "the restoration" if notice.promises == "restore" else "the next update"
        yield f"names {format_instant(notice.promised_at)} for {what}"


def _ruled(notice: Notice, ruling: Ruling) -> str:
    """Return a ruling, such as ``our side accepted the pause: awaiting customer``."""
    about = RULED.get(notice.phase)
    if about is None:
        severity = notice.phase is Phase.SEVERITY_CHANGED and notice.severity
        about = f"severity {notice.severity}" if severity else f"the statement {_plain(notice.phase.value)!r}"
    why = f": {_plain(notice.reason)}" if notice.reason else ""
    which = f" (claim {notice.concerns})" if notice.concerns else ""
    return f"{SIDES[notice.speaker]} {ruling.value} {about}{why}{which}"


def _plain(word: str) -> str:
    return word.replace("_", " ")
