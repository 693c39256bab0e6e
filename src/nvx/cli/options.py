"""The options that commands share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Common:
    """What every command that reads stacks is asked."""

    stacks: tuple[Path, ...]
    variables: tuple[str, ...] = ()
    var_files: tuple[Path, ...] = ()
    local: bool = False
    endpoint_url: str = ""
    profile: str = ""
    json: bool = False
    no_color: bool = False
    parallelism: int = 8
    rerun: tuple[str, ...] = ()
    refresh: str = "normal"


_STACK_OPTIONS = (
    click.argument("stacks", nargs=-1, type=click.Path(path_type=Path)),
    click.option(
        "--var", "variables", multiple=True, metavar="NAME=VALUE", help="Set a variable."
    ),
    click.option(
        "--var-file",
        "var_files",
        multiple=True,
        type=click.Path(path_type=Path),
        help="Set variables from a TOML file.",
    ),
    click.option("--json", is_flag=True, help="Write JSON to stdout."),
    click.option("--no-color", is_flag=True, help="Write plain text."),
)
_AWS_OPTIONS = (
    click.option("--local", is_flag=True, help="Use a local AWS: no account, nothing is paid."),
    click.option("--endpoint-url", default="", metavar="URL", help="Use another AWS endpoint."),
    click.option("--profile", default="", metavar="NAME", help="Use this AWS profile."),
)
_PARALLELISM = (
    click.option(
        "--parallelism",
        default=8,
        show_default=True,
        type=click.IntRange(1, 64),
        metavar="N",
        help="Calls at the same time.",
    ),
)
_PLAN_OPTIONS = (
    click.option(
        "--rerun",
        multiple=True,
        metavar="ADDRESS",
        help="Start this run once more, as its next attempt.",
    ),
    click.option(
        "--refresh",
        type=click.Choice(["none", "normal", "full"]),
        default="normal",
        show_default=True,
        help="What to look at in AWS; full: ended runs too.",
    ),
    click.option("--no-refresh", is_flag=True, help="The same as --refresh none."),
)


def stack_options(command: F) -> F:
    """Stacks and variables."""
    return _with(_STACK_OPTIONS, command)


def aws_options(command: F) -> F:
    """Which AWS."""
    return _with(_AWS_OPTIONS, command)


def parallelism(command: F) -> F:
    """How hard to press AWS: for commands that make many calls."""
    return _with(_PARALLELISM, command)


def plan_options(command: F) -> F:
    """What a plan is asked."""
    return _with(_PLAN_OPTIONS, command)


def _with(options: tuple[Callable[[F], F], ...], command: F) -> F:
    for option in reversed(options):
        command = option(command)
    return command


def common(given: dict[str, Any]) -> Common:
    """The options of a command as one value."""
    if given.pop("no_refresh", False):
        given["refresh"] = "none"
    return Common(**given)
