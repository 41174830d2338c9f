"""What things are, and the rules over them: pure functions and frozen values, no clock, no I/O.

Start with ``models.notice`` (one statement by one speaker), then ``models.incident`` (a set of notices),
``models.clocks`` (what was promised against what happened) and ``models.plan`` (who is told when).
"""
