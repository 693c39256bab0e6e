"""The page of commands, out of the commands."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterable, Iterator

import click

from generator.markdown import NOTE, table
from nvx.cli.main import COMMANDS
from nvx.cli.main import nvx as program
from nvx.cli.options import aws_options, plan_options, stack_options


def commands_page() -> str:
    """The page of all commands."""
    lines = [NOTE, "# Commands\n"]
    lines += [*table(("command", "what"), _listed()), ""]
    lines += [
        "Stacks are folders of `*.toml` files, or single files; without any, every stack below"
        " `stacks/` is meant. Data goes to stdout, progress and remarks to stderr. Exit codes are in"
        " [troubleshooting](troubleshooting.md#exit-codes), the JSON documents in [json](json.md).\n"
    ]
    for title, options in shared_options().items():
        lines += [f"## {title}", "", *options_table(options), ""]
    for name in COMMANDS:
        lines += command_section(command_of(name), f"nvx {name}")
    return "\n".join(lines)


def _listed() -> list[tuple[str, str]]:
    return [(f"[`nvx {name}`](#nvx-{name})", text) for name, text in COMMANDS.items()]


def command_of(name: str) -> click.Command:
    """A command by its name."""
    command: click.Command = importlib.import_module(f"nvx.cli.commands.{name}").command
    return command


def shared_options() -> dict[str, list[click.Option]]:
    """The sets of options that many commands take."""
    sets = {
        "Stack options": stack_options,
        "AWS options": aws_options,
        "Plan options": plan_options,
    }
    return {
        title: _options(click.command()(mark(lambda: None))) for title, mark in sets.items()
    }


def _options(command: click.Command) -> list[click.Option]:
    return [p for p in command.params if isinstance(p, click.Option) and p.name != "help"]


def command_section(command: click.Command, path: str) -> list[str]:
    """What one command does, its options and examples; then its subcommands."""
    usage = " ".join(command.collect_usage_pieces(click.Context(command, info_name=path)))
    lines = [f"## {path}", "", *_paragraphs(command.help or ""), "", f"    {path} {usage}", ""]
    lines += _options_of(command)
    if command.epilog:
        example = command.epilog.replace("\b\n", "").removeprefix("Examples:\n")
        lines += [
            "```text",
            *(row.removeprefix("  ") for row in example.splitlines()),
            "```",
            "",
        ]
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            lines += command_section(command.commands[name], f"{path} {name}")
    return lines


def _options_of(command: click.Command) -> list[str]:
    """A table of the command's own options, and links to the sets that it shares with others."""
    own = {option.name: option for option in _options(command)}
    links = []
    for title, options in shared_options().items():
        names = {option.name for option in options}
        if names <= set(own):
            own = {name: option for name, option in own.items() if name not in names}
            links.append(f"[{title}](#{title.lower().replace(' ', '-')})")
    lines = [*options_table(own.values()), ""] if own else []
    return [*lines, f"And: {', '.join(links)}.", ""] if links else lines


def _paragraphs(text: str) -> Iterator[str]:
    """Help as Markdown: a block that click must not wrap is a block of code."""
    for number, paragraph in enumerate(inspect.cleandoc(text).split("\n\n")):
        yield from [""] if number else []
        if paragraph.startswith("\b"):
            yield from ("```text", *paragraph.splitlines()[1:], "```")
        else:
            yield " ".join(paragraph.split())


def options_table(options: Iterable[click.Option]) -> list[str]:
    """A row an option."""
    context = click.Context(program)
    rows = []
    for option in options:
        record = option.get_help_record(context)
        if record is not None:
            rows.append((f"`{record[0]}`", record[1]))
    return table(("option", "what"), rows)
