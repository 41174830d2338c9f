"""Colours by meaning, of the set of Okabe and Ito: told apart with every common colour blindness. Pure.

A colour never carries a meaning alone: a label says the same.
"""

from typing import Final

BLACK: Final = "#000000"
ORANGE: Final = "#E69F00"
SKY: Final = "#56B4E9"
GREEN: Final = "#009E73"
YELLOW: Final = "#F0E442"
BLUE: Final = "#0072B2"
VERMILLION: Final = "#D55E00"
PURPLE: Final = "#CC79A7"
GREY: Final = "#999999"

NEUTRAL: Final = BLUE
MET: Final = GREEN
BREACHED: Final = VERMILLION
OVERDUE: Final = ORANGE
RUNNING: Final = BLUE
PAUSED: Final = SKY
INDETERMINATE: Final = GREY
LOST: Final = PURPLE

VERDICTS: Final = (
    ("met", MET),
    ("breached", BREACHED),
    ("overdue", OVERDUE),
    ("running", RUNNING),
    ("paused", PAUSED),
    ("pending", YELLOW),
    ("indeterminate", INDETERMINATE),
)
"""Colour of each verdict that boards show; left out are the three that count for nobody."""
BASES: Final = (("claimed", ORANGE), ("observed", SKY), ("agreed", BLUE))
SPEAKERS: Final = (("provider", ORANGE), ("monitor", SKY), ("customer", BLUE), ("authority", PURPLE))
OUTCOMES: Final = (("sent", GREEN), ("bundled", SKY), ("retrying", ORANGE), ("failed", VERMILLION), ("unknown", PURPLE))
KEEPINGS: Final = (("kept", GREEN), ("late", ORANGE), ("broken", VERMILLION), ("open", BLUE), ("indeterminate", GREY))
"""What came of promises."""
