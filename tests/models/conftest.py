"""How long Hypothesis searches: the same cases every time; more and new ones with HOLDFAST_HYPOTHESIS=search."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "fixed", deadline=None, derandomize=True, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)  # fmt: skip
settings.register_profile(
    "search", deadline=None, max_examples=3000, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)  # fmt: skip
settings.load_profile(os.environ.get("HOLDFAST_HYPOTHESIS", "fixed"))
