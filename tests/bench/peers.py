"""Terraform, where this machine has it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from bench.stacks import Size, write_terraform
from bench.timing import Command, CommandError, run

_AWS = """\
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
"""


def terraform(folder: Path, *arguments: str) -> Command:
    """A command of Terraform that asks nobody whether there is a newer one."""
    quiet = {
        "CHECKPOINT_DISABLE": "1",
        "TF_CLI_CONFIG_FILE": os.devnull,
        "TF_IN_AUTOMATION": "1",
    }
    return Command(["terraform", *arguments, "-no-color"], folder, quiet)


def built_in(folder: Path, size: Size) -> bool:
    """Write and initialise resources that need no provider; False without Terraform."""
    if shutil.which("terraform") is None:
        return False
    write_terraform(folder, size)
    run(terraform(folder, "init", "-input=false"))
    return True


def has_aws_provider(folder: Path) -> bool:
    """Whether Terraform finds its AWS provider: without a network only where it is mirrored."""
    if shutil.which("terraform") is None:
        return False
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "main.tf").write_text(_AWS)
    try:
        run(terraform(folder, "init", "-input=false"))
    except CommandError:
        return False
    return True
