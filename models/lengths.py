"""Lengths of time as people say them; ``--json`` has them exactly. Pure."""

from datetime import timedelta


def length(span: timedelta) -> str:
    """Return a length in its two largest units.

    >>> length(timedelta(minutes=90)), length(timedelta(seconds=93)), length(timedelta(0))
    ('1h30m', '1m33s', '0s')
    """
    left, parts = round(span.total_seconds()), []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts[:2]) or "0s"


def signed_length(seconds: float) -> str:
    """Return seconds as ``length`` does, with a minus before what is negative.

    >>> signed_length(5400), signed_length(-90.0)
    ('1h30m', '-1m30s')
    """
    return ("-" if seconds < 0 else "") + length(timedelta(seconds=abs(seconds)))
