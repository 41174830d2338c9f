"""Command groups that list where no other command is named. Pure."""

from typing import Any

from typer.core import TyperGroup

LISTING = "list"


class ListsByDefault(TyperGroup):
    """A group whose ``list`` may be left out: ``holdfast promises inc-1`` is ``holdfast promises list inc-1``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put ``list`` in front of what names no command of the group."""
        if not args or (args[0] not in self.commands and args[0] != "--help"):
            args = [LISTING, *args]
        return super().parse_args(ctx, args)
