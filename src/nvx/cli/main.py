"""The `nvx` command: subcommands loaded when they are called, one boundary for every error."""

from __future__ import annotations

import importlib
import io
import sys
from collections.abc import Sequence

import click

from nvx.cli.exits import Exit

COMMANDS = {
    "init": "Write a first stack to start from",
    "validate": "Check stacks, data and code without asking AWS",
    "plan": "Show what would change, and why",
    "apply": "Make it so",
    "destroy": "Stop, delete and forget what a stack made",
    "status": "Show what is recorded, and what runs",
    "show": "Show one resource in full",
    "wait": "Wait for the runs of a stack",
    "stop": "Stop a running job",
    "results": "Show scores, models beside evaluations",
    "check": "Decide the gates from recorded scores",
    "output": "Show the outputs of a stack",
    "recipe": "Print a Nova recipe as it would be submitted",
    "logs": "Show the last lines that a run logged",
    "test": "Try a reward function at home, on real rows",
    "state": "List, show and unlock recorded state",
    "local": "A local AWS to try everything against",
    "version": "Show the version",
}


class LazyGroup(click.Group):
    """A group whose commands are imported only when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order that a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"nvx.cli.commands.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in `nvx --help`, without importing what it lists."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with the nearest name for a wrong one."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from nvx.core.diagnostics import nearest

            ctx.fail(f'There is no command "{args[0]}".{nearest(args[0], COMMANDS)}')
        return super().resolve_command(ctx, args)


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def nvx() -> None:
    """Terraform for model customization on AWS.

    Declare datasets, evaluators, fine-tunes and evaluations in TOML; see what would change and why;
    make it so, without paying twice.

    \b
      nvx init my-project      write a first stack
      nvx plan --local         what would change, against a local AWS: no account
      nvx apply --local        make it so
      nvx results --local      the scores
      nvx plan                 the same against your AWS account
    """


def run(arguments: Sequence[str]) -> int:
    """Run one command; its exit code. Every error ends here, as text or as JSON."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that lacks a letter shows its number: better than no message.
            stream.reconfigure(errors="backslashreplace")
    try:
        outcome = nvx.main(list(arguments), prog_name="nvx", standalone_mode=False)
        return int(outcome or 0)
    except click.exceptions.Abort:
        click.echo("Cancelled: nothing was changed.", err=True)
        return Exit.ERROR
    except click.ClickException as wrong:
        return _wrong_usage(wrong, json="--json" in arguments)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return Exit.ERROR
    except Exception as failure:  # noqa: BLE001  the boundary: nothing leaves as a traceback
        from nvx.cli.failures import report

        return report(failure, json="--json" in arguments)


def _wrong_usage(wrong: click.ClickException, *, json: bool) -> Exit:
    """Say what is wrong with the command line: click's own exit code, 2, means "changes" here."""
    if not json:
        wrong.show()
        return Exit.ERROR
    from nvx.cli.failures import report

    return report(wrong, json=True)
