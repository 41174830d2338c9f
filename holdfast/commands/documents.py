"""``holdfast lint`` and ``holdfast apply``: check agreements, providers and policies, then publish them."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

if TYPE_CHECKING:
    from holdfast.applying import Difference
    from holdfast.findings import Finding
    from holdfast.settings import Settings
    from models.documents import Documents

Directory = Annotated[Path, typer.Argument(exists=True, help="Directory of YAML documents, or one file.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("lint")(lint)
    app.command("apply")(apply)


def lint(
    directory: Annotated[
        Path | None, typer.Argument(exists=True, help="Directory of YAML documents, or one file.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One finding a line.")] = False,
    schema: Annotated[bool, typer.Option("--schema", help="Print a JSON schema of the format for editors.")] = False,
) -> None:
    """Check agreements, providers, policies and rotas; every finding names file, line, column and key.

    In a terminal the line itself is shown with the place marked; else a finding is a line that editors make a link of.
    Warnings alone end in exit code 0.
    """
    if schema:
        from holdfast.schema import document_schema

        typer.echo(orjson.dumps(document_schema(), option=orjson.OPT_INDENT_2))
        return
    if directory is None:
        raise typer.BadParameter("name a directory of YAML documents, or one file")
    from holdfast.documents import check_documents

    documents, findings = check_documents(directory)
    if json:
        for finding in findings:
            typer.echo(orjson.dumps(finding))
    else:
        _print(findings, err=False)
        typer.echo(_counts(documents, findings))
    if _errors(findings):
        raise typer.Exit(1)


def apply(
    directory: Directory,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change and publish nothing.")] = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="Delete what was published earlier and is not in the directory any more.")
    ] = False,
    amend: Annotated[
        bool, typer.Option("--amend", help="Change versions that have been in force: their verdicts are given anew.")
    ] = False,
) -> None:
    """Check the documents, show what changes, then publish that; workers take it up at once."""
    if prune and directory.is_file():
        raise typer.BadParameter("--prune needs the whole directory: of one file, all other documents are gone")
    documents = _checked(directory)
    from kafka.errors import KafkaError

    from holdfast.kafka import KafkaUnreachableError
    from holdfast.settings import load

    try:
        _apply(load(), documents, dry_run=dry_run, prune=prune, amend=amend)
    except KafkaUnreachableError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    except KafkaError as error:
        typer.echo(f"the broker stopped answering: {error}", err=True)
        typer.echo("Next step: the same command again; what is published already is left as it is", err=True)
        raise typer.Exit(1) from error


def _checked(directory: Path) -> "Documents":
    """Return documents without errors, or end with the findings on stderr and exit 1."""
    from holdfast.documents import check_documents

    documents, findings = check_documents(directory)
    _print(findings, err=True)
    if _errors(findings):
        typer.echo(_counts(documents, findings), err=True)
        typer.echo("nothing published: mend the errors above first", err=True)
        raise typer.Exit(1)
    return documents


def _apply(settings: "Settings", documents: "Documents", *, dry_run: bool, prune: bool, amend: bool) -> None:
    from holdfast import applying, kafka

    if not dry_run:
        kafka.ensure_topics(settings)
    with kafka.Publisher(settings) as publisher:
        before = applying.published(settings)
        differences = applying.compare(before, documents, settings.clock.now())
        _show(differences, prune=prune)
        amended = [one.key for one in differences if one.amendments]
        if amended and not amend:
            typer.echo(
                f"nothing published: {', '.join(amended)} would change versions that have been in force, and the "
                "verdicts given by them\n"
                "Next step: add a version with a later effective_from, or confirm with --amend",
                err=True,
            )
            raise typer.Exit(1)
        if not dry_run:
            kept = applying.kept(settings)
            applying.publish(publisher, documents, differences, prune=prune, before=before.values(), kept=kept)
    typer.echo(_summary(differences, dry_run=dry_run, prune=prune))


def _show(differences: "Sequence[Difference]", *, prune: bool) -> None:
    from holdfast.applying import Change

    for one in differences:
        notes = "; ".join(one.notes)
        if one.change is Change.GONE:
            notes = "deleted" if prune else "published earlier, not here any more; --prune deletes it"
        typer.echo(f"{one.change.value:<10} {one.key}{': ' + notes if notes else ''}")


def _summary(differences: "Sequence[Difference]", *, dry_run: bool, prune: bool) -> str:
    from holdfast.applying import Change
    from holdfast.commands._payloads import counted

    count = Counter(one.change for one in differences)
    would = "would be " if dry_run else ""
    told = [f"{counted(count[Change.NEW] + count[Change.CHANGED], 'document')} {would}published"]
    if prune:
        told.append(f"{count[Change.GONE]} {would}deleted")
    return ", ".join([*told, f"{count[Change.UNCHANGED]} unchanged"])


def _print(findings: "Sequence[Finding]", *, err: bool) -> None:
    """Print findings: with their lines for people, one a line for programs."""
    from rich.console import Console

    from holdfast.findings import shown

    console = Console(stderr=err, soft_wrap=True, highlight=False)
    lines: dict[str, list[str]] = {}
    for finding in findings:
        if not console.is_terminal:
            typer.echo(str(finding), err=err)
            continue
        if finding.file not in lines:
            lines[finding.file] = _lines(finding.file)
        console.print(shown(finding, lines[finding.file]))


def _lines(file: str) -> list[str]:
    try:
        return Path(file).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []


def _errors(findings: "Sequence[Finding]") -> int:
    return sum(1 for finding in findings if finding.severity == "error")


def _counts(documents: "Documents", findings: "Sequence[Finding]") -> str:
    from holdfast.commands._payloads import counted

    errors = _errors(findings)
    told = ((len(list(documents)), "document"), (errors, "error"), (len(findings) - errors, "warning"))
    return ", ".join(counted(*one) for one in told)
