"""What a person wrote in a mail, without what was quoted and without the signature. Pure.

Plain rules for what mail programs do, in the languages that they do it in; ADR 0017 says why no library does it. What
is cut off too much is still in the raw mail; what is left too much is our own page, which holds no command.
"""

import re

_ATTRIBUTION = re.compile(
    r"^(?:on\b.*\bwrote|am\b.*\bschrieb\b.*|le\b.*\ba .crit|el\b.*\bescribi.|em\b.*\bescreveu|il\b.*\bha scritto|"
    r"op\b.*\bschreef\b.*|den\b.*\b(?:skrev|skreiv)\b.*|p.\b.*\bskrev\b.*|w dniu\b.*\bnapisa.+|.*\bkirjoitti)\s*:$",
    re.I,
)
_OPENING = re.compile(r"^(?:on|am|le|el|em|il|op|den|p.|w dniu)\b", re.I)
ATTRIBUTION_LINES = 4
"""Lines over which a mail program breaks "On ..., ... wrote:"."""
LINE_LIMIT = 200
"""Characters of the longest line of that."""
_RULE = re.compile(
    r"^\W*(?:_{20,}|original message|urspr.ngliche nachricht|forwarded message|weitergeleitete nachricht|"
    r"message d.origine|mensaje original|messaggio originale|oorspronkelijk bericht|original-nachricht|"
    r"begin forwarded message:?|"
    r"reply above this line|please type your reply above this line)\W*$",
    re.I,
)
_FROM = re.compile(r"^\W*(?:from|von|de|da|van|fr.n|od|expéditeur)\s*:\**\s*\S", re.I)
_SENT = re.compile(
    r"^\W*(?:sent|date|gesendet|datum|envoy.|enviado(?: el)?|fecha|inviato|data|"
    r"verzonden|skickat|wys.ano|to|an|.|para|subject|betreff)\s*:\**\s*\S",
    re.I,
)
_DEVICE = re.compile(
    r"^\W*(?:sent from (?:my|mail|outlook|yahoo|proton)\b.{0,60}|sent via .{0,40}|get outlook for .{0,60}|"
    r"von meinem .{0,40} gesendet|gesendet (?:von|mit) .{0,60}|diese nachricht wurde von meinem .{0,60}|"
    r"envoy. (?:de|depuis) mon .{0,40}|enviado desde mi .{0,40}|inviato da(?:l mio)? .{0,40})\W*$",
    re.I,
)


def fresh_text(text: str) -> str:
    r"""Return what is neither quoted nor signature, trimmed.

    >>> fresh_text("On it.\n\n-- \nMaya\nDuty desk\n\nOn Mon, 4 May 2026 Holdfast wrote:\n> Mail is delayed")
    'On it.'
    """
    lines = [line.rstrip() for line in text.split("\n")]
    cut = next((at for at in range(len(lines)) if _ends_here(lines, at)), len(lines))
    kept = _without_quotes(lines[:cut])
    kept = [line for line in kept if not _DEVICE.match(line)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _ends_here(lines: list[str], at: int) -> bool:
    """Return whether nothing of the writer follows: a signature, a forwarded mail, or a quote without marks."""
    line = lines[at].strip()
    if line == "--" or _RULE.match(line):
        return True
    if _FROM.match(line) and any(_SENT.match(one) for one in lines[at + 1 : at + 4]):
        return True
    length = _attribution(lines, at)
    is_dated = any(character.isdigit() for character in "".join(lines[at : at + length]))
    return is_dated and not _is_marked(lines, at + length)


def _attribution(lines: list[str], at: int) -> int:
    """Return over how many lines from here on somebody is said to have written what follows; 0 for none."""
    if len(lines[at]) > LINE_LIMIT:
        return 0  # no mail program's; and the rules below take time by the square of the length
    for length in range(1, ATTRIBUTION_LINES + 1):
        if length > 1 and not _goes_on(lines, at, at + length - 1):
            return 0
        words = " ".join(line.strip() for line in lines[at : at + length])
        if _ATTRIBUTION.match(words):
            return length
    return 0


def _goes_on(lines: list[str], at: int, end: int) -> bool:
    """Return whether a line belongs to the sentence that begins at another."""
    if end >= len(lines) or not _OPENING.match(lines[at].strip()) or len(lines[end]) > LINE_LIMIT:
        return False
    return bool(lines[end].strip()) and not _OPENING.match(lines[end].strip())


def _is_marked(lines: list[str], at: int) -> bool:
    """Return whether the next line that is not empty is marked as a quote."""
    following = next((line for line in lines[at : at + 4] if line.strip()), "")
    return following.lstrip().startswith(">")


def _without_quotes(lines: list[str]) -> list[str]:
    """Return the lines that are not marked as quoted, without the lines that say who wrote those."""
    kept: list[str] = []
    at = 0
    while at < len(lines):
        length = _attribution(lines, at)
        if length:
            at += length
        elif lines[at].lstrip().startswith(">"):
            at += 1
        else:
            kept.append(lines[at])
            at += 1
    return kept
