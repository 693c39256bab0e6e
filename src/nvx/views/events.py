"""Events of apply: lines for people, objects for machines."""

from __future__ import annotations

from nvx.core.events import (
    Event,
    PassStarted,
    Progress,
    RunEnded,
    Settled,
    StepDone,
    StepFailed,
    StepSkipped,
    StepStarted,
    Summary,
)
from nvx.core.plan import Action
from nvx.core.ports import in_one_line
from nvx.core.values import JsonValue
from nvx.views.paint import Paint, clean
from nvx.views.wrap import WIDTH, clipped, counted, wrapped

_DONE = {
    Action.CREATE: "created",
    Action.UPDATE: "updated",
    Action.NEW_VERSION: "new version imported",
    Action.RERUN: "started",
    Action.ADOPT: "adopted",
    Action.MOVE: "moved",
    Action.NOTE: "noted",
    Action.REPLACE: "replaced",
    Action.STOP: "stopping; its record stays",
    Action.DELETE: "deleted",
    Action.FORGET: "forgotten",
    Action.WAIT: "imported",
}
_RUN_KINDS = ("fine_tune", "evaluation")
_WIDTH = 26


def event_text(event: Event, paint: Paint) -> str | None:
    """The line of an event; None where it is not worth one."""
    match event:
        case StepDone(address, action, _, detail):
            done = "started" if _starts_run(address.kind, action) else _DONE.get(action, "done")
            return _with_detail(f"{address!s:<{_WIDTH}} {done}", action, detail, paint)
        case StepFailed():
            return _failed(event, paint)
        case StepSkipped(address, _, because_of):
            return f"    {address!s:<{_WIDTH}} skipped: {because_of} is not there"
        case Settled(address, adopted, _):
            how = (
                "found from an interrupted apply"
                if adopted
                else "an interrupted apply made nothing"
            )
            return f"{paint.symbol(Action.ADOPT)} {address!s:<{_WIDTH}} {how}"
        case Progress(address, stage, elapsed_s, fraction):
            share = f" {fraction:.0%}" if fraction is not None else ""
            sign = paint.symbol(Action.WAIT)
            room = WIDTH - 4 - max(_WIDTH, len(str(address))) - len(f"  {share}  9h59m")
            said = clipped(clean(stage), max(room, 12), paint.ellipsis)
            return f"{sign} {address!s:<{_WIDTH}} {said}{share}  {duration(elapsed_s)}"
        case RunEnded(address, status, detail, elapsed_s, _):
            word = _ended(status)
            colour = "green" if status == "ready" else "red"
            took = f" in {duration(elapsed_s)}" if elapsed_s else ""
            why = detail if status != "ready" else ""
            rows = wrapped(paint.words(why), " " * 6)
            return "\n".join([f"    {address!s:<{_WIDTH}} {paint(word, colour)}{took}", *rows])
        case PassStarted() | StepStarted() | Summary():
            return None


def _ended(status: str) -> str:
    return "succeeded" if status == "ready" else str(status)


def _with_detail(head: str, action: Action, detail: str, paint: Paint) -> str:
    """A line for what was done, its detail behind it or, where it is long, below it."""
    sign, said = paint.symbol(action), paint.words(clean(detail))
    if len(f"    {head}  {said}") <= WIDTH:
        return f"{sign} {head}  {paint(said, 'dim')}".rstrip()
    rows = (paint(row, "dim") for row in wrapped(said, " " * 6))
    return "\n".join([f"{sign} {head}", *rows])


def _starts_run(kind: str, action: Action) -> bool:
    return action is Action.CREATE and kind in _RUN_KINDS


def _failed(event: StepFailed, paint: Paint) -> str:
    head = f"  {paint('!', 'red')} {event.address!s:<{_WIDTH}} {paint('failed', 'red')}"
    indent = " " * 6
    said = [*wrapped(paint.words(event.message), indent), *wrapped(event.truth, indent)]
    return "\n".join([head, *said])


def duration(seconds: float) -> str:
    """Seconds as people say them: 4s, 3m20s, 1h05m."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02d}s"
    return f"{whole // 3600}h{whole % 3600 // 60:02d}m"


def summary_text(summary: Summary, paint: Paint) -> str:
    """What an apply did and left, in a few lines."""
    counts = [
        counted(count, *_DONE_COUNT.get(name, (name, name)))
        for name, count in summary.applied.items()
    ]
    lines = [f"Applied: {', '.join(counts)}." if counts else _nothing(summary)]
    if summary.failed:
        lines.append(f"Failed: {in_one_line(summary.failed)}.")
    if summary.skipped:
        lines.append(f"Not started because of that: {in_one_line(summary.skipped)}.")
    if summary.undecided:
        lines.append(f"Waiting for you: {in_one_line(summary.undecided)}. `nvx plan` says why.")
    if summary.limited:
        lines.append(
            f"Not started, a quota is used up: {in_one_line(summary.limited)}."
            " `nvx apply` tries again."
        )
    if summary.running:
        lines.append(
            f"Still running in AWS: {in_one_line(summary.running)}."
            " `nvx apply` carries on, `nvx wait` waits, `nvx stop ADDRESS` stops one."
        )
    rows = [row for line in lines for row in wrapped(line, "")]
    return "\n".join(paint(row, "red") if row.startswith("Failed:") else row for row in rows)


def _nothing(summary: Summary) -> str:
    stopped = summary.failed or summary.skipped or summary.interrupted or summary.limited
    return "Nothing was applied." if stopped else "Nothing to apply."


_DONE_COUNT = {
    "create": ("created", "created"),
    "update": ("updated", "updated"),
    "new_version": ("new version", "new versions"),
    "rerun": ("rerun started", "reruns started"),
    "adopt": ("adopted", "adopted"),
    "move": ("moved", "moved"),
    "note": ("noted", "noted"),
    "replace": ("replaced", "replaced"),
    "stop": ("stopping", "stopping"),
    "delete": ("deleted", "deleted"),
    "forget": ("forgotten", "forgotten"),
}


def event_document(event: Event) -> dict[str, JsonValue]:
    """One line of `apply --json`."""
    match event:
        case PassStarted(number):
            return {"event": "pass", "number": number}
        case StepStarted(address, action, _):
            return {"event": "step_started", "address": str(address), "action": action.value}
        case StepDone(address, action, id_, detail):
            return {
                "event": "step_done",
                "address": str(address),
                "action": action.value,
                "id": id_ or None,
                "detail": detail,
            }
        case StepFailed(address, action, message, truth, code):
            return {
                "event": "step_failed",
                "address": str(address),
                "action": action.value,
                "message": message,
                "truth": truth,
                "code": code or None,
            }
        case StepSkipped(address, action, because_of):
            return {
                "event": "step_skipped",
                "address": str(address),
                "action": action.value,
                "because_of": str(because_of),
            }
        case _:
            return _more(event)


def _more(event: Settled | Progress | RunEnded | Summary) -> dict[str, JsonValue]:
    match event:
        case Settled(address, adopted, id_):
            return {
                "event": "settled",
                "address": str(address),
                "adopted": adopted,
                "id": id_ or None,
            }
        case Progress(address, stage, elapsed_s, fraction):
            return {
                "event": "progress",
                "address": str(address),
                "stage": stage,
                "elapsed_s": round(elapsed_s, 1),
                "fraction": None if fraction is None else round(fraction, 4),
            }
        case RunEnded(address, status, detail, elapsed_s, outputs):
            return {
                "event": "run_ended",
                "address": str(address),
                "status": _ended(status),
                "detail": detail,
                "elapsed_s": elapsed_s,
                "outputs": dict(outputs),
            }
        case Summary():
            return {
                "event": "summary",
                "applied": dict(event.applied),
                "failed": [str(a) for a in event.failed],
                "skipped": [str(a) for a in event.skipped],
                "running": [str(a) for a in event.running],
                "undecided": [str(a) for a in event.undecided],
                "limited": [str(a) for a in event.limited],
                "interrupted": event.interrupted,
                "outputs": dict(event.outputs),
            }
