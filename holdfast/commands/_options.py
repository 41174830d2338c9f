"""Options that commands about a provider's history share, each with one help text. Pure."""

from pathlib import Path
from typing import Annotated

import typer

Payloads = Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files, directories, or - for stdin.")]
ProviderId = Annotated[str, typer.Option(help="Id of the provider that the payloads speak of.")]
FormatName = Annotated[str, typer.Option("--format", "-f", help="Format of the payloads, such as statuspage.")]
PublishedDocuments = Annotated[
    Path | None,
    typer.Option(exists=True, help="Directory of documents; without it those that were published with apply."),
]
PayloadsOf = Annotated[str | None, typer.Option(help="Id of the provider that the payloads speak of.")]
PayloadsFormat = Annotated[
    str | None, typer.Option("--format", "-f", help="Format of the payloads, such as statuspage.")
]
AnyIncident = Annotated[
    str | None, typer.Argument(metavar="INCIDENT", help="Incident id, or a unique beginning of it.")
]
AnyProvider = Annotated[str | None, typer.Option(help="Only of this provider.")]
Json = Annotated[bool, typer.Option("--json", help="JSON, for other programs.")]
AgreementsDirectory = Annotated[Path, typer.Option(exists=True, help="Directory of agreements and providers.")]
MonthText = Annotated[str, typer.Option(help="Calendar month in the contract's zone, such as 2026-05.")]
FeedId = Annotated[str | None, typer.Option(help="Id of the feed; default: the provider's only one of the format.")]
AsOf = Annotated[str | None, typer.Option(help="How far the world has run (RFC 3339); default: now.")]
KnownAt = Annotated[str | None, typer.Option(help="Only what was received by then (RFC 3339); default: all.")]
MonthByVersion = Annotated[str | None, typer.Option(help="Judge the whole month by this agreement version.")]
FeedTimezone = Annotated[str | None, typer.Option(help="IANA zone of times without offset.")]
ReceivedAt = Annotated[
    str | None, typer.Option(help="When the payloads were received; default: file names' times, else their dates.")
]
Decisions = Annotated[
    list[Path] | None,
    typer.Option(metavar="PATH", help="What our own people decided, in format statements; more than once."),
]
