"""What a Statuspage status means, given those before it (measurement.md §3). Pure."""

from models.notice import Phase

MAINTENANCE = {
    "scheduled": Phase.REPORTED,
    "in_progress": Phase.ENGAGED,
    "verifying": Phase.RESTORED,
    "completed": Phase.RESOLVED,
}
ENDED = {"resolved": Phase.RESOLVED, "postmortem": Phase.ROOT_CAUSE, "completed": Phase.RESOLVED}
_WORKING = ("investigating", "identified")


def incident_phase(status: str, earlier: list[str]) -> Phase:
    """Name an incident update's phase from its status and those before it.

    A first ``identified`` is engaged at once: it acknowledges too, because a later phase implies the earlier ones.
    """
    if status in ENDED:
        return ENDED[status]
    if status == "monitoring":
        return Phase.UPDATE if earlier[-1:] == ["monitoring"] else Phase.RESTORED
    if not earlier:
        return Phase.ENGAGED if status == "identified" else Phase.REPORTED
    if status not in _WORKING:
        return Phase.UPDATE
    if _is_over(earlier):
        return Phase.REOPENED
    engaged = "identified" in earlier or earlier.count("investigating") > 1
    return Phase.UPDATE if engaged and status == earlier[-1] else Phase.ENGAGED


def _is_over(earlier: list[str]) -> bool:
    """True when the last word on the state was an end or a claim of restoration."""
    said = [status for status in earlier if status in (*_WORKING, "monitoring", *ENDED)]
    return bool(said) and said[-1] not in _WORKING


def maintenance_phase(status: str, earlier: list[str]) -> Phase:
    """Name a maintenance update's phase; the same status again is an update."""
    phase = MAINTENANCE.get(status, ENDED.get(status, Phase.UPDATE))
    return Phase.UPDATE if earlier and earlier[-1] == status else phase
