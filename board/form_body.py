"""Bodies of HTML forms, url-encoded and multipart, into fields and one file. Pure: bytes in, values out.

The standard library's mail parser reads multipart bodies: a form is a MIME message of ``multipart/form-data``.
"""

from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import HTTP
from urllib.parse import parse_qsl

FIELDS_AT_MOST = 40
FIELD_LENGTH = 20_000
"""Characters of one field; the longest is a text."""
NAME_LENGTH = 200
URL_ENCODED = "application/x-www-form-urlencoded"


class FormError(ValueError):
    """What was sent is no form, or a field says nothing sensible; the message tells the person what to change."""


@dataclass(frozen=True)
class Upload:
    """A file that came with a form."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Form:
    """The fields of a form, trimmed, without empty ones; of two of one name the last counts."""

    fields: dict[str, str] = field(default_factory=dict)
    upload: Upload | None = None

    def get(self, name: str) -> str | None:
        """Return a field; None where it is absent or empty."""
        return self.fields.get(name)


def form_of(body: bytes, content_type: str) -> Form:
    """Read a form.

    Args:
        body: as received; the caller has bounded its size.
        content_type: of the request, with the boundary of a multipart body.

    Raises:
        FormError: if it is no form.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == URL_ENCODED:
        return _url_encoded(body)
    if kind == "multipart/form-data":
        return _multipart(body, content_type)
    raise FormError("this is no form: send the page's own")


def _url_encoded(body: bytes) -> Form:
    try:
        pairs = parse_qsl(body.decode("ascii"), max_num_fields=FIELDS_AT_MOST, errors="replace")
    except ValueError as error:
        raise FormError("this is no form, or has too many fields") from error
    return Form({name: text for name, value in pairs if (text := _trimmed(value))})


def _multipart(body: bytes, content_type: str) -> Form:
    header = b"Content-Type: " + content_type.encode("latin-1", "replace").replace(b"\n", b" ").replace(b"\r", b" ")
    message = message_from_bytes(header + b"\r\n\r\n" + body, policy=HTTP)
    parts = message.get_payload() if message.is_multipart() else None
    if not isinstance(parts, list) or len(parts) > FIELDS_AT_MOST:
        raise FormError("this is no form, or has too many fields")
    fields: dict[str, str] = {}
    upload: Upload | None = None
    for part in parts:
        assert isinstance(part, Message)
        content, file_name = _content(part), part.get_filename()
        if file_name is None:
            name = str(part.get_param("name", "", "content-disposition"))
            fields[name] = _trimmed(content.decode("utf-8", "replace"))
        elif content:
            upload = Upload(_file_name(file_name), content)
    return Form({name: value for name, value in fields.items() if value}, upload)


def _content(part: Message) -> bytes:
    """Return a part's bytes as they were sent; a transfer encoding is not of this century's forms."""
    content = part.get_payload(decode=True) if "content-transfer-encoding" not in part else None
    if not isinstance(content, bytes):
        raise FormError("a part of the form can't be read")
    return content


def _trimmed(value: str) -> str:
    return value.replace("\r\n", "\n").strip()[:FIELD_LENGTH]


def _file_name(name: str) -> str:
    """Return a name without the sender's folders and without what can't be shown."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(one for one in last if one.isprintable())[:NAME_LENGTH] or "document"
