"""Whole dashboards, their controls, and data views. Pure."""

from typing import Any

from pydantic import Field

from dashboards.kibana.panels import Panel
from dashboards.kibana.parts import Part, compact, dump


class Control(Part):
    """A list at the top of the dashboard that narrows all panels to chosen values of a field."""

    data_view_id: str
    field_name: str
    title: str
    selected_options: tuple[str, ...] | None = None
    """Chosen from the start."""
    single_select: bool | None = None

    def to_api(self) -> dict[str, Any]:
        """Return the control as the API takes it."""
        return {"type": "options_list_control", "width": "small", "grow": False, "config": dump(self)}


class Dashboard(Part):
    """A whole dashboard."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    title: str
    description: str
    time_from: str
    refresh_s: int
    """0: only when asked to."""
    controls: tuple[Control, ...]
    panels: tuple[Panel, ...] = Field(min_length=1, max_length=100)

    def chosen(self) -> str:
        """Return what the controls narrow the panels to from the start, in Kibana's query language."""
        selected = [(one.field_name, one.selected_options) for one in self.controls if one.selected_options]
        lists = ((name, " or ".join(f'"{value}"' for value in values)) for name, values in selected)
        return " and ".join(f"{name} : ({values})" for name, values in lists)

    def to_api(self, board: str | None = None) -> dict[str, Any]:
        """Return the body of ``PUT /api/dashboards/{id}``.

        Args:
            board: address of our own board; without one nothing leads there.
        """
        return {
            "title": self.title,
            "description": self.description,
            "time_range": {"from": self.time_from, "to": "now"},
            "refresh_interval": {"pause": self.refresh_s == 0, "value": self.refresh_s * 1000},
            "query": {"language": "kql", "expression": ""},
            "options": {"use_margins": True, "sync_colors": True, "sync_cursor": True, "sync_tooltips": False},
            "pinned_panels": [control.to_api() for control in self.controls],
            "panels": [panel.to_api(board) for panel in self.panels],
        }


class DataView(Part):
    """What Kibana calls an index pattern. Without a time field the time picker does not narrow it."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    index: str
    """Alias it reads, as a name of ours such as ``clocks``."""
    name: str
    title: str
    time_field: str | None
    field_formats: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """By field: how its values are shown. In a saved object this is ``fieldFormatMap``."""
    field_attrs: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """By field: what it means. In a saved object this is ``fieldAttrs``."""

    def to_api(self) -> dict[str, Any]:
        """Return the body of ``POST /api/data_views/data_view``; ``override`` makes it safe to repeat."""
        view = {"id": self.id, "title": self.title, "name": self.name, "timeFieldName": self.time_field}
        shown = {"fieldFormats": self.field_formats, "fieldAttrs": self.field_attrs}
        return {"data_view": {**compact(view), **shown, "allowNoIndex": True}, "override": True}
