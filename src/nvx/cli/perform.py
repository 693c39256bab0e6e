"""Apply and destroy from the command line: show, ask, do, sum up."""

from __future__ import annotations

import json as jsonlib
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace

import click

from nvx.cli.app import Opened, Workspace, workspace
from nvx.cli.commands.plan import refuse_errors, show
from nvx.cli.exits import Exit
from nvx.cli.gates import outcomes_of
from nvx.cli.interrupt import stoppable
from nvx.cli.options import Common
from nvx.cli.shared import err_paint, rerun_addresses, say, tell
from nvx.core.address import Address
from nvx.core.cloud import SourceChanged
from nvx.core.diagnostics import DiagnosticError, error
from nvx.core.events import RunEnded, StepFailed, Summary
from nvx.core.plan import Action, Plan
from nvx.core.planner import Options
from nvx.core.resource import Nature
from nvx.core.values import JsonValue
from nvx.engine.apply import Apply
from nvx.engine.outputs import resolved
from nvx.engine.refresh import Refresh
from nvx.results.gates import Outcome, Verdict
from nvx.views.events import summary_text
from nvx.views.gates import gates_document, gates_text
from nvx.views.outputs import outputs_text
from nvx.views.progress import JsonLines, Lines, Listener, Live


def perform(
    options: Common,
    *,
    yes: bool,
    detach: bool = False,
    destroy: bool = False,
    detailed_exitcode: bool = False,
) -> Exit:
    """Apply (or destroy) every stack that the command names, one after the other."""
    with workspace(options) as space, stoppable(space.stopping):
        opened = [space.opened(s, online=True, read_only=False) for s in space.loaded()]
        runs = [d.address for o in opened for d in o.declared if d.nature is Nature.RUN]
        wish = Options(rerun=rerun_addresses(options.rerun, runs), destroy=destroy)
        job = _Job(space, wish, yes=yes, detach=detach, detailed=detailed_exitcode)
        codes = []
        for one in opened:
            code = job.one(one)
            codes.append(code)
            if code in (Exit.INTERRUPTED, Exit.STALE, Exit.LOCKED):
                break
        return next((code for code in _GRAVEST_FIRST if code in codes), Exit.DONE)


_GRAVEST_FIRST = (
    Exit.INTERRUPTED,
    Exit.STALE,
    Exit.LOCKED,
    Exit.ERROR,
    Exit.GATE,
    Exit.RUNNING,
)


class _Job:
    """One apply or destroy of several stacks."""

    def __init__(
        self, space: Workspace, wish: Options, *, yes: bool, detach: bool, detailed: bool
    ) -> None:
        self._space = space
        self._wish = wish
        self._yes = yes
        self._detach = detach
        self._detailed = detailed

    def one(self, opened: Opened) -> Exit:
        """One stack: its exit code."""
        space = self._space
        with ExitStack() as stack:
            events = _Deferred()
            apply = Apply(
                space.desk(opened, events),
                opened.declared,
                options=self._wish,
                how=Refresh(space.common.refresh),
                detach=self._detach,
            )

            def approve(plan: Plan) -> bool:
                if not self._approve(opened, plan):
                    return False
                events.open(stack.enter_context(self._listener(plan.stack)))
                return True

            summary = apply.run(approve)
            if summary is not None:
                summary = replace(summary, outputs=self._outputs(opened))
                gates = outcomes_of(opened.loaded, opened.store.load(), frozenset(events.ended))
                if space.common.json:
                    self._write(gates)
                    events.emit(summary)
        if summary is None:
            tell("Cancelled: nothing was changed.")
            return Exit.ERROR
        if not space.common.json:
            self._say(summary, gates)
        return Exit.STALE if events.stale else self._code(summary, gates)

    def _code(self, summary: Summary, gates: Sequence[Outcome]) -> Exit:
        if summary.interrupted:
            return Exit.INTERRUPTED
        if summary.failed:
            return Exit.ERROR
        if any(outcome.verdict is Verdict.FAIL for outcome in gates):
            return Exit.GATE
        if summary.limited or (summary.running and self._detailed):
            return Exit.RUNNING
        return Exit.DONE

    def _listener(self, stack: str) -> Listener:
        if self._space.common.json:
            return JsonLines(sys.stdout, err_paint(self._space), stack)
        if sys.stderr.isatty():
            return Live(sys.stderr, err_paint(self._space))
        return Lines(sys.stderr, err_paint(self._space))

    def _approve(self, opened: Opened, plan: Plan) -> bool:
        if not self._space.common.json:
            show(self._space, opened, plan)
        refuse_errors(plan)
        if self._yes or not plan.pending:
            return True
        if self._space.common.json or not sys.stdin.isatty():
            raise DiagnosticError(
                [
                    error(
                        "confirm",
                        "Nobody can be asked",
                        "this would change things, and there is no terminal to ask at."
                        " Nothing was changed.",
                        hint="read `nvx plan`, then run again with --yes",
                    )
                ]
            )
        return click.confirm(_question(plan, destroy=self._wish.destroy), err=True)

    def _outputs(self, opened: Opened) -> Mapping[str, JsonValue]:
        if self._wish.destroy:
            return {}
        declared = {name: output.value for name, output in opened.loaded.outputs.items()}
        return resolved(declared, opened.store.load())

    def _write(self, gates: Sequence[Outcome]) -> None:
        """The gates as one JSON line."""
        if gates:
            click.echo(jsonlib.dumps({"event": "gates", "gates": gates_document(gates)}))

    def _say(self, summary: Summary, gates: Sequence[Outcome]) -> None:
        tell("")
        say(summary_text(summary, err_paint(self._space)))
        if gates:
            say("\n" + gates_text(gates, err_paint(self._space)))
        if summary.outputs:
            say("\n" + outputs_text(summary.outputs, err_paint(self._space)))


def _question(plan: Plan, *, destroy: bool) -> str:
    paid = len(plan.paid_starts)
    removed = sum(c.action in (Action.DELETE, Action.STOP) for c in plan.changes)
    removed += sum(not release.later for c in plan.changes for release in c.releases)
    if destroy:
        return f"This stops or deletes {removed}. Go on?"
    runs = f"starts {paid} paid run{'' if paid == 1 else 's'}" if paid else "starts no paid run"
    return f"This {runs}{f' and removes {removed}' if removed else ''}. Go on?"


class _Deferred:
    """Keeps events until the question is answered, so that it is asked on a quiet screen."""

    def __init__(self) -> None:
        self._waiting: list[object] = []
        self.ended: set[Address] = set()
        """The runs that ended while this listened."""
        self.stale = False
        """Whether a source was not what had been planned."""
        self._listener: Listener | None = None

    def open(self, listener: Listener) -> None:
        """Let a listener take what waited, and everything that comes."""
        for event in self._waiting:
            listener.emit(event)
        self._listener = listener

    def emit(self, event: object) -> None:
        """Take one event."""
        if isinstance(event, RunEnded):
            self.ended.add(event.address)
        if isinstance(event, StepFailed):
            self.stale |= event.code == SourceChanged.__name__
        if self._listener is None:
            self._waiting.append(event)
        else:
            self._listener.emit(event)
