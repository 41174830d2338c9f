"""``holdfast lint`` and ``holdfast apply``: check agreements, providers and policies, then publish them."""

from pathlib import Path
from typing import Annotated

import orjson
import typer

Directory = Annotated[Path, typer.Argument(exists=True, help="Directory of YAML documents, or one file.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("lint")(lint)
    app.command("apply")(apply)


def lint(
    directory: Directory, json: Annotated[bool, typer.Option("--json", help="One finding a line.")] = False
) -> None:
    """Check agreements, providers and policies; every finding names file, line and key."""
    if not _check(directory, as_json=json):
        raise typer.Exit(1)


def apply(directory: Directory) -> None:
    """Check the documents, then publish them to the stream; workers take them up at once."""
    if not _check(directory, as_json=False):
        typer.echo("nothing published: mend the errors above first", err=True)
        raise typer.Exit(1)
    from holdfast import kafka
    from holdfast.commands._payloads import counted
    from holdfast.documents import load_documents
    from holdfast.settings import load
    from models.documents import document_key, to_wire
    from models.topics import Stream

    settings = load()
    try:
        kafka.ensure_topics(settings)
        with kafka.Publisher(settings) as publisher:
            count = 0
            for document in load_documents(directory):
                publisher.send(Stream.DOCUMENTS, document_key(document), to_wire(document))
                count += 1
    except kafka.KafkaUnreachableError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    typer.echo(f"{counted(count, 'document')} published")


def _check(directory: Path, *, as_json: bool) -> bool:
    """Print findings; return whether none is an error."""
    from holdfast.commands._payloads import counted
    from holdfast.documents import check_documents

    documents, findings = check_documents(directory)
    for finding in findings:
        if as_json:
            typer.echo(orjson.dumps(finding).decode())
        else:
            typer.echo(str(finding), err=finding.severity == "error")
    errors = sum(1 for finding in findings if finding.severity == "error")
    if not as_json:
        told = ((len(list(documents)), "document"), (errors, "error"), (len(findings) - errors, "warning"))
        typer.echo(", ".join(counted(*one) for one in told))
    return errors == 0
