"""Help that names the formats: read from the list of dialects when it is asked for, so that starting costs nothing."""

from typing import Any

from typer.core import TyperCommand

FORMATS_HERE = "{formats}"
"""Stands in an option's help where the names of all formats go."""


class NamesFormats(TyperCommand):
    """A command whose help names all formats."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help, the names filled in."""
        from feeds.registry import FORMATS

        for option in self.params:
            told = getattr(option, "help", None)
            if isinstance(told, str) and FORMATS_HERE in told:
                option.help = told.replace(FORMATS_HERE, ", ".join(FORMATS))  # type: ignore[attr-defined]
        super().format_help(ctx, formatter)
