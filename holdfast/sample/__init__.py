"""A made-up history with known truth: what boards, questions and statistics are tried on (ADR 0029). Pure.

Nobody's data: providers, people and places of ``.example``. The same shape gives the same bytes.
"""

from holdfast.sample.history import History, Truth, history
from holdfast.sample.shape import Shape
from holdfast.sample.telling import told

__all__ = ["History", "Shape", "Truth", "history", "told"]
