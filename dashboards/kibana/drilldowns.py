"""Where a click in a panel leads: another dashboard, our own board, the notices of an incident. Pure."""

from typing import Annotated, Any, Literal

from pydantic import Field

from dashboards.kibana.parts import Part, dump

BOARD = "{board}"
"""Stands in an address for that of our own board (``HOLDFAST_PUBLIC_URL``)."""


class ToDashboard(Part):
    """A click on a value opens another dashboard, narrowed to the value and to the chosen time."""

    type: Literal["dashboard_drilldown"] = "dashboard_drilldown"
    dashboard_id: str
    label: str
    trigger: Literal["on_apply_filter"] = "on_apply_filter"
    use_filters: bool = True
    use_time_range: bool = True

    def to_api(self, board: str | None) -> dict[str, Any] | None:
        """Return the drilldown as the API writes it."""
        return dump(self)


class ToAddress(Part):
    """A click on a value opens an address, in which ``{{event.value}}`` is the value and ``{board}`` our own board."""

    type: Literal["url_drilldown"] = "url_drilldown"
    url: str
    label: str
    trigger: Literal["on_click_value"] = "on_click_value"

    def to_api(self, board: str | None) -> dict[str, Any] | None:
        """Return the drilldown as the API writes it; None where it leads to our board, which has no address."""
        if BOARD in self.url and board is None:
            return None
        return {**dump(self), "url": self.url.replace(BOARD, (board or "").rstrip("/"))}


Drilldown = Annotated[ToDashboard | ToAddress, Field(discriminator="type")]


def to_incident_page() -> ToAddress:
    """Return the way from a row that shows an ``incident_id`` to the incident's page on our own board."""
    return ToAddress(label="Open the incident on the board", url=BOARD + "/incidents/{{event.value}}")


def to_notices(view_id: str) -> ToAddress:
    """Return the way from a row that shows a ``source_incident_id`` to its notices in Discover.

    Args:
        view_id: of the data view of notices.
    """
    app = (
        f"(dataSource:(dataViewId:'{view_id}',type:dataView),columns:!(speaker,phase,text),"
        "query:(language:kuery,query:'source_incident_id : \"{{event.value}}\"'),sort:!(!('@timestamp',asc)))"
    )
    address = "{{kibanaUrl}}/app/discover#/?_g=(time:(from:now-5y,to:now))&_a=" + app
    return ToAddress(label="Show its notices", url=address)
