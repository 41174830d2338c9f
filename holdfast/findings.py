"""What lint finds, and how it is told: a line for programs, the place itself for people. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rich.text import Text

Severity = Literal["error", "warning"]

_TOKEN = re.compile(r"\"[^\"]*\"|'[^']*'|[^\s,\[\]{}][^,\[\]{}]*?(?=\s*(?:[,\[\]{}]|:(?:\s|$)|\s#|$))")
"""A key or a scalar: what a caret underlines."""


@dataclass(frozen=True)
class Finding:
    """One thing wrong, or doubtful, in a document. ``line`` and ``column`` count from 1; 0 is the whole file."""

    file: str
    line: int
    column: int
    key: str
    message: str
    severity: Severity = "error"

    def __str__(self) -> str:
        """Return the form that editors make a link of."""
        where = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{where}: {self.severity}: {self.key + ': ' if self.key else ''}{self.message}"


class DocumentsError(Exception):
    """The documents can't be used; ``findings`` says where and why. Print them and exit 1."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("\n".join(str(finding) for finding in findings))
        self.findings = tuple(findings)


def shown(finding: Finding, lines: Sequence[str]) -> Text:
    """Return a finding for a terminal: what, where, the line itself, and a caret with the hint below.

    Args:
        finding: what to show.
        lines: of its file; where the place is not among them only the first two are shown.
    """
    colour = "red" if finding.severity == "error" else "yellow"
    what, _, hint = finding.message.partition("; ")
    text = Text()
    text.append(finding.severity, style=f"bold {colour}")
    text.append(f": {finding.key + ': ' if finding.key else ''}{what}\n", style="bold")
    where = f"{finding.file}:{finding.line}:{finding.column}" if finding.line else finding.file
    margin = len(str(finding.line))
    text.append(f"{' ' * margin}--> ", style="blue")
    text.append(f"{where}\n")
    if not 0 < finding.line <= len(lines):
        return text.append(f"{' ' * margin}    {hint}\n") if hint else text
    line = lines[finding.line - 1].rstrip()
    token = _TOKEN.match(line, finding.column - 1)
    width = len(token[0]) if token else 1
    text.append(f"{finding.line} | ", style="blue").append(f"{line.replace(chr(9), ' ')}\n")
    text.append(f"{' ' * margin} | ", style="blue")
    text.append(f"{' ' * (finding.column - 1)}{'^' * width}", style=f"bold {colour}")
    return text.append(f" {hint}\n" if hint else "\n", style=colour)
