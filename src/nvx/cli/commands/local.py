"""`nvx local`: the local AWS as a server of its own."""

from __future__ import annotations

import json as jsonlib
import shlex
import shutil
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from nvx.cli.exits import Exit
from nvx.core.diagnostics import DiagnosticError, error
from nvx.local import objects, process
from nvx.local.context import AwsError
from nvx.local.folder import AlreadyRunning, FolderError
from nvx.local.quirks import QUIRKS
from nvx.local.settings import PRESETS

F = TypeVar("F", bound=Callable[..., Any])

EPILOG = """\b
Examples:
  nvx local start --detach           start a server; it prints its URL
  eval "$(nvx local env)"            point the AWS CLI and SDKs at it
  aws sagemaker list-training-jobs
  nvx local run -- nvx apply --yes   a server in memory for one command
  nvx local stop"""


@click.group("local", epilog=EPILOG)
def command() -> None:
    """A local AWS on loopback: real protocols, real checks, made-up results.

    It checks no signature and no IAM policy, trains nothing, and its scores mean nothing.
    """


def _directory(command: F) -> F:
    option = click.option(
        "--dir",
        "directory",
        type=click.Path(path_type=Path),
        default=process.DEFAULT_DIRECTORY,
        show_default=True,
        help="Where it keeps its data.",
    )
    return option(command)


def _plainly(command: F) -> F:
    """Failures of the server as diagnostics."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except AlreadyRunning as running:
            click.echo(running.url)
            return Exit.DONE
        except (AwsError, FolderError, objects.ObjectError, process.ProcessError) as failure:
            text = failure.message if isinstance(failure, AwsError) else str(failure)
            raise DiagnosticError([error("local", "The local AWS", text)]) from failure

    return wrapped  # type: ignore[return-value]  # the same signature


def _start_options(command: F) -> F:
    options = (
        click.option(
            "--port",
            default=0,
            type=click.IntRange(0, 65535),
            metavar="N",
            help="0: any free port.",
        ),
        click.option(
            "--speed",
            type=float,
            metavar="FACTOR",
            help="How much faster than AWS jobs run.  [default: 600]",
        ),
        click.option(
            "--preset",
            type=click.Choice(list(PRESETS)),
            default="calm",
            show_default=True,
            help="How well it behaves.",
        ),
        click.option(
            "--fault",
            "faults",
            multiple=True,
            metavar="RULE",
            help="Make calls fail: see `nvx local fault add`.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def _start(
    port: int, speed: float | None, preset: str, faults: tuple[str, ...]
) -> process.Start:
    settings = {} if speed is None else {"speed": speed}
    return process.Start(port, preset, settings, faults)


@command.command("start")
@_directory
@_start_options
@click.option("--detach", is_flag=True, help="Leave it running and return.")
@click.option("--memory", is_flag=True, help="Keep nothing on disk.")
@_plainly
def start(*, directory: Path, detach: bool, memory: bool, **how: Any) -> Exit:
    """Start a server; prints its URL."""
    chosen = _start(**how)
    if detach:
        click.echo(process.start_detached(directory, chosen).url)
    else:
        process.serve(None if memory else directory, chosen, click.echo)
    return Exit.DONE


@command.command("status")
@_directory
@click.option("--json", is_flag=True, help="Write JSON to stdout.")
@_plainly
def status(*, directory: Path, json: bool) -> Exit:
    """Show whether a server runs, and where."""
    running = process.status(directory)
    if json:
        found = {"url": running.url, "pid": running.pid} if running else None
        click.echo(jsonlib.dumps({"running": found}))
    else:
        click.echo(f"{running.url} (process {running.pid})" if running else "not running")
    return Exit.DONE


@command.command("stop")
@_directory
@_plainly
def stop(*, directory: Path) -> Exit:
    """Stop the server of a folder."""
    click.echo("stopped" if process.stop(directory) else "not running")
    return Exit.DONE


@command.command("reset")
@_directory
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@_plainly
def reset(*, directory: Path, yes: bool) -> Exit:
    """Delete everything that the local AWS keeps in its folder."""
    if not directory.exists():
        click.echo("nothing is kept")
        return Exit.DONE
    if not yes:
        click.confirm(f"Delete everything in {directory}?", abort=True, err=True)
    process.stop(directory)
    shutil.rmtree(directory)
    click.echo("empty again; recorded state of account 000000000000 stays in state/")
    return Exit.DONE


@command.command("env")
@_directory
@_plainly
def env(*, directory: Path) -> Exit:
    """Print shell commands that point AWS clients at the server."""
    running = process.status(directory)
    if running is None:
        raise process.ProcessError("No local AWS runs: `nvx local start --detach` starts one.")
    for name, value in process.environment(running.url).items():
        line = f"unset {name}" if value is None else f"export {name}={shlex.quote(value)}"
        click.echo(line)
    return Exit.DONE


@command.command("run", context_settings={"ignore_unknown_options": True})
@_start_options
@click.argument("arguments", nargs=-1, required=True, type=click.UNPROCESSED)
@_plainly
def run(*, arguments: tuple[str, ...], **how: Any) -> int:
    """Run a command against a server in memory.

    Leaves with the exit code of the command.
    """
    try:
        return process.run(arguments, _start(**how))
    except OSError as failure:
        raise process.ProcessError(f"{arguments[0]} cannot be started: {failure}.") from failure


@command.command("logs")
@_directory
@click.option(
    "--last",
    default=50,
    type=click.IntRange(1),
    metavar="N",
    show_default=True,
    help="How many.",
)
@_plainly
def logs(*, directory: Path, last: int) -> Exit:
    """Show the last calls that the running server answered."""
    for call in process.control(directory).get("calls")[-last:]:
        said = call["code"] or call["status"] or "no reply"
        effect = f"  ({call['effect']})" if call["effect"] else ""
        click.echo(f"{call['index']:>6}  {call['service']}.{call['operation']}  {said}{effect}")
    return Exit.DONE


@command.command("quirks")
def quirks() -> Exit:
    """Show where it differs from the service models, and why.

    Each difference has its source.
    """
    for quirk in QUIRKS:
        click.echo(f"{quirk.shape}: {quirk.rule}\n  source: {quirk.source}")
    return Exit.DONE


@command.command("ls")
@click.argument("uri", default="s3://")
@_directory
@_plainly
def ls(*, uri: str, directory: Path) -> Exit:
    """List buckets, or the objects below s3://BUCKET/PREFIX."""
    with process.opened(directory) as url:
        for found in objects.ls(url, uri):
            size = "" if found.size is None else str(found.size)
            click.echo(f"{size:>12}  {found.uri}")
    return Exit.DONE


@command.command("cat")
@click.argument("uri")
@_directory
@_plainly
def cat(*, uri: str, directory: Path) -> Exit:
    """Write the body of an S3 object to stdout."""
    with process.opened(directory) as url:
        for piece in objects.cat(url, uri):
            sys.stdout.buffer.write(piece)
    return Exit.DONE


@command.group("fault")
def fault() -> None:
    """Make calls fail on purpose, in a running server."""


@fault.command("add")
@click.argument("rule")
@_directory
@_plainly
def fault_add(*, rule: str, directory: Path) -> Exit:
    """Add a rule.

    \b
      nvx local fault add 'op=CreateTrainingJob do=drop_after times=1'
    """
    process.control(directory).post("faults", {"rule": rule})
    return Exit.DONE


@fault.command("list")
@_directory
@_plainly
def fault_list(*, directory: Path) -> Exit:
    """List the rules."""
    click.echo(jsonlib.dumps(process.control(directory).get("faults"), indent=2))
    return Exit.DONE


@fault.command("clear")
@_directory
@_plainly
def fault_clear(*, directory: Path) -> Exit:
    """Remove every rule."""
    process.control(directory).delete("faults")
    return Exit.DONE
