"""`nvx recipe`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from nvx.cli.app import Workspace, unread, workspace
from nvx.cli.exits import Exit
from nvx.cli.options import aws_options, common, stack_options
from nvx.cli.shared import addressed, write_json
from nvx.config.stack import LoadedStack
from nvx.core.address import Address
from nvx.core.diagnostics import DiagnosticError, Location, error, nearest
from nvx.core.resource import Checked, Scope, StackSettings, Wish
from nvx.core.state import State
from nvx.core.values import JsonValue, Reference, replaced
from nvx.engine.declare import declare
from nvx.kinds.common.sources import FileSources

EPILOG = """\b
Examples:
  nvx recipe evaluation.facts
  nvx recipe evaluation.facts --platform smhp > facts.yaml
  hyperpod start-job --recipe evaluation/nova/nova_1_0/nova_lite/facts …"""

_BY_CHANNEL = frozenset({"dataset", "validation_dataset"})
"""What a training job reads by a channel, and its recipe does not name."""


@click.command("recipe", epilog=EPILOG)
@click.argument("address")
@click.option(
    "--platform",
    type=click.Choice(["smtj", "smhp"]),
    default="smtj",
    show_default=True,
    help="smtj: a training job, as apply starts it; smhp: HyperPod, to submit it yourself.",
)
@stack_options
@aws_options
def command(*, address: str, platform: str, **given: Any) -> Exit:
    """Print the Nova recipe of a fine-tune or an evaluation, checked by a platform's rules.

    References are filled in with what was recorded: a checkpoint is known once its fine-tune has run.
    """
    options = common(given)
    wanted = addressed(address)
    with workspace(options, online=False) as space:
        loaded, resource = _declared(space, wanted)
        printed = _printed(space, resource)
        left_out = _BY_CHANNEL if platform == "smtj" else frozenset()
        text: str = printed(resource, _wish(space, loaded, wanted, left_out), platform)
    if options.json:
        document = {"address": str(wanted), "platform": platform, "recipe": text}
        write_json({"format": "nvx.recipe/1", **document})
    else:
        click.echo(text, nl=False)
    return Exit.DONE


def _declared(space: Workspace, wanted: Address) -> tuple[LoadedStack, Checked]:
    """The block of an address and its stack. Raises DiagnosticError."""
    stacks = space.loaded()
    for loaded in stacks:
        for resource in loaded.resources:
            if resource.address == wanted:
                return loaded, resource
    names = [str(resource.address) for loaded in stacks for resource in loaded.resources]
    raise DiagnosticError(
        [
            error(
                "not-declared",
                "Not declared",
                f"no stack declares {wanted}.{nearest(str(wanted), names)}",
            )
        ]
    )


def _printed(space: Workspace, resource: Checked) -> Any:
    """What prints the recipe of a kind. Raises DiagnosticError for a kind without one."""
    printed = getattr(space.specs[resource.kind, resource.variant], "printed", None)
    if printed is None:
        text = f"{resource.address} is of the kind {resource.kind} {resource.variant}".rstrip()
        hint = 'recipes are evaluations of type "nova_recipe" and fine-tunes of method "recipe"'
        raise DiagnosticError(
            [error("no-recipe", "It has no recipe", text, at=resource.declared_at, hint=hint)]
        )
    return printed


def _wish(
    space: Workspace, loaded: LoadedStack, wanted: Address, left_out: frozenset[str]
) -> Wish:
    """The block with its references filled in from the state, apart from fields that are left out."""
    settings = _settings(space, loaded.settings)
    sources = FileSources(unread, space.cache)
    found, _ = declare(loaded.resources, settings, space.specs, sources)
    declared = next(one for one in found if one.address == wanted)
    state = space.store_of(settings).load() if settings.account else None

    def output(reference: Reference) -> JsonValue:
        return _output(reference, state, declared.declared_at)

    config = {
        name: None
        if name in left_out and isinstance(value, Reference)
        else replaced(value, output)
        for name, value in declared.config.items()
        if name != "depends_on"
    }
    return Wish(Scope(settings, lineage=""), declared, config)


def _settings(space: Workspace, settings: StackSettings) -> StackSettings:
    """The settings, with the account that is meant as far as it is known without asking AWS."""
    if settings.account or space.target.local:
        return replace(settings, account=space.account_of(settings))
    return settings


def _output(reference: Reference, state: State | None, at: Location | None) -> JsonValue:
    record = state.current(reference.target) if state is not None else None
    if record is None or reference.output not in record.outputs:
        text = f"{reference} is known once {reference.target} has been applied"
        hint = "apply it first; a recipe is printed with what was recorded"
        raise DiagnosticError([error("not-known", "Not known yet", text, at=at, hint=hint)])
    return record.outputs[reference.output]
