"""Trends and everything else that is computed from the record: what ``holdfast analyse`` writes (ADR 0024). Pure.

Needs the extra ``analytics``; so import it inside of the function that needs it.
"""

from holdfast.analysis.deriving import derive
from holdfast.analysis.evidence import Evidence

__all__ = ["Evidence", "derive"]
