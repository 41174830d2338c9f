"""Every form of the page, sent as a browser sends it: with all its fields, the empty ones too."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest

from models.answers import AnswerAction
from models.paging import Side
from tests.board.desk import Desk, path
from tests.support.answers import claims


@dataclass
class Found:
    """One form: where it posts to, how, its fields with their defaults, its buttons."""

    action: str
    enctype: str
    fields: dict[str, str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    buttons: list[str] = field(default_factory=list)


class Forms(HTMLParser):
    """Reads the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Found] = []
        self._select: str | None = None
        self._open = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {key: value or "" for key, value in attrs}
        if tag == "form":
            assert told["method"] == "post"
            self._open += 1
            assert self._open == 1, "a form within a form"
            self.found.append(Found(told["action"], told.get("enctype", "application/x-www-form-urlencoded")))
        elif self._open:
            self._field(tag, told)

    def _field(self, tag: str, told: dict[str, str]) -> None:
        form = self.found[-1]
        if tag == "button":
            form.buttons.append(told["value"])
        elif tag == "select":
            self._select = told["name"]
        elif tag == "option" and self._select is not None and ("selected" in told or self._select not in form.fields):
            form.fields[self._select] = told.get("value", "UTC")
        elif tag == "input" and told.get("type") == "file":
            form.files.append(told["name"])
        elif tag in ("input", "textarea"):
            form.fields[told["name"]] = told.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open -= 1
        elif tag == "select":
            self._select = None


def forms(page: str) -> list[Found]:
    reader = Forms()
    reader.feed(page)
    assert reader._open == 0
    return reader.found


FILLED = {
    AnswerAction.ETA: {"within_min": "60"},
    AnswerAction.PAUSE_REQUEST: {"reason": "awaiting customer"},
    AnswerAction.ROOT_CAUSE: {"text": "https://nimbus.example/report"},
    AnswerAction.NOTE: {"text": "on site"},
}
"""What a person fills in; the rest is sent as it stands."""


@pytest.mark.parametrize("side", Side, ids=str)
def test_every_button_of_the_page_records_its_answer(side: Side) -> None:
    held = claims(side)
    pressed = [(form, AnswerAction(button)) for form in forms(Desk().get(held).text) for button in form.buttons]
    assert len({action for _, action in pressed}) == len(pressed) == (6 if side is Side.PROVIDER else 5)
    for form, action in pressed:
        desk = Desk()
        assert form.action == path(held)
        fields = {**form.fields, **FILLED.get(action, {}), "action": action.value}
        if form.enctype == "multipart/form-data":  # an empty file has an empty name
            files = {name: ("", b"", "application/octet-stream") for name in form.files}
            answer = desk.ask("POST", form.action, files={**files, **{key: (None, one) for key, one in fields.items()}})
        else:
            answer = desk.ask("POST", form.action, data=fields)
        assert answer.status_code == 200, (action, answer.text)
        (said,) = desk.answers
        assert (said.action, said.attachment) == (action, None)
