"""Deterministic ids: a hash of what a thing is, so that any replay gives the same id. Pure."""

from hashlib import sha256

ID_LENGTH = 32
"""Hex digits kept: 128 bits, far past any number of notices that a contract's life brings."""


def stable_id(*parts: str | None) -> str:
    """Return the id of the thing that these parts name.

    Args:
        parts: in a fixed order; None and the empty string are different parts.

    Returns:
        32 lower-case hex digits. The same parts always give the same id; parts are length-prefixed,
        so ("ab", "c") and ("a", "bc") differ.

    >>> stable_id("a", "b") == stable_id("a", "b")
    True
    >>> stable_id("ab", "c") == stable_id("a", "bc")
    False
    """
    digest = sha256()
    for part in parts:
        if part is None:
            digest.update(b"-;")
        else:
            encoded = part.encode("utf-8", "surrogatepass")
            digest.update(b"%d:" % len(encoded))
            digest.update(encoded)
    return digest.hexdigest()[:ID_LENGTH]
