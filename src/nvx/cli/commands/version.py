"""`nvx version`."""

from __future__ import annotations

import json as jsonlib

import click

from nvx import __version__


@click.command("version", help="Show the version.")
@click.option("--json", is_flag=True, help="Write JSON to stdout.")
def command(*, json: bool) -> None:
    """Show the version."""
    click.echo(jsonlib.dumps({"nvx": __version__}) if json else f"nvx {__version__}")
