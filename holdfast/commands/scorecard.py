"""``holdfast scorecard`` and ``holdfast review``: a provider over a period. IO: Elasticsearch, Kafka; writes files."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from holdfast.commands._options import AsOf, Json, PublishedDocuments
from holdfast.commands._reports import HtmlFile, MarkdownFile, PdfFile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from holdfast.reports.blocks import Report
    from holdfast.reports.review import Pack
    from models.scoring import Dimension

WEIGHTS_BYTES = 64 * 1024
OneProvider = Annotated[str, typer.Option(help="Id of the provider.")]
PeriodName = Annotated[
    str | None, typer.Option(help="2026-Q3, 2026-09, 2026-W19 or 2026; default: the last quarter that is over.")
]
WeightsFile = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, help="YAML with a weight of each dimension, in place of the built-in."),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("scorecard")(scorecard)
    app.command("review")(review)


def scorecard(
    provider: OneProvider,
    period: PeriodName = None,
    markdown: MarkdownFile = None,
    html: HtmlFile = None,
    pdf: PdfFile = None,
    weights: WeightsFile = None,
    documents: PublishedDocuments = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Score a provider over a period, with open weights: figures, trends, money, claimed beside observed times.

    Without a file it goes to stdout as Markdown. HTML and PDF need the extra ``charts``; trends need ``holdfast
    analyse`` to have run.
    """
    from holdfast.commands._reports import tell
    from holdfast.reports.scorecard import scorecard as report_of

    pack, board = _read(provider, period, _weights(weights), documents, as_of)
    tell(report_of(pack.sheet, board), (markdown, html, pdf), as_json=as_json)


def review(
    provider: OneProvider,
    out: Annotated[Path, typer.Option(file_okay=False, help="Directory that the pack is written to.")],
    quarter: Annotated[
        str | None,
        typer.Option("--quarter", help="2026-Q3, or another period; default: the last quarter that is over."),
    ] = None,
    weights: WeightsFile = None,
    documents: PublishedDocuments = None,
    as_of: AsOf = None,
) -> None:
    """Write the pack for one review of a provider: report, claim, data. When reviews are due: holdfast reviews.

    review.md, review.html and review.pdf with charts, credits.csv and credits.json (the claim with its evidence),
    data.json. The same evidence and --as-of give the same bytes. Needs the extra ``charts``.
    """
    from holdfast.reports.review import review as report_of

    pack, board = _read(provider, quarter, _weights(weights), documents, as_of)
    _write(pack, report_of(pack, board), out)


def _read(
    provider: str,
    period: str | None,
    weights: "Mapping[Dimension, float] | None",
    documents: Path | None,
    as_of: str | None,
) -> "tuple[Pack, str | None]":
    """Return what was read, and where the board is reached."""
    from holdfast.commands._index import reading
    from holdfast.commands._payloads import instant_option
    from holdfast.reports.looking_back import Asked, pack_of

    with reading(documents) as read:
        at = instant_option(as_of) or read.settings.clock.now()
        return pack_of(read.store, read.documents, Asked(provider, period, at, weights)), read.settings.public_url


def _weights(path: Path | None) -> "Mapping[Dimension, float] | None":
    """Read weights from a file; what can't be used is a usage error."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    from models.scoring import WeightsError, weights_of

    if path is None:
        return None
    try:
        with path.open("rb") as file:
            return weights_of(YAML(typ="safe").load(file.read(WEIGHTS_BYTES).decode("utf-8")))
    except (OSError, UnicodeDecodeError, YAMLError, WeightsError) as error:
        raise typer.BadParameter(f"{path}: {error}", param_hint="--weights") from error


def _write(pack: "Pack", report: "Report", out: Path) -> None:
    """Write the files of a pack; charts lie beside the Markdown."""
    from holdfast.commands._reports import FORMS, extras, write
    from holdfast.drawing import svg
    from holdfast.reports.blocks import Chart
    from holdfast.reports.claim_pack import claim_csv, claim_json
    from holdfast.reports.data import data
    from holdfast.reports.markdown import markdown

    with extras():
        files = {f"review.{ending}": form(report) for ending, form in FORMS.items()}
        charts = (one for one in report.blocks if isinstance(one, Chart))
        files |= {f"charts/{one.name}.svg": svg(one.spec).encode() for one in charts}
    files["review.md"] = markdown(report, "charts").encode()
    files["credits.csv"] = claim_csv(pack.claims).encode()
    files["credits.json"] = b"".join(
        claim_json(agreement, [one], pack.sheet.look.as_of) for agreement, one in pack.claims
    )
    files["data.json"] = orjson.dumps(data(report), option=orjson.OPT_INDENT_2) + b"\n"
    try:
        (out / "charts").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise typer.BadParameter(f"{out} is no directory that can be written to: {error}") from error
    for name, body in sorted(files.items()):
        write(out / name, body)
