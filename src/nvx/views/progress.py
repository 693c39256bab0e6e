"""Who listens to an apply: plain lines, a live display, or JSON lines."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import IO, Any, Protocol, Self

from nvx.core.address import Address
from nvx.core.events import Progress, RunEnded, StepDone, StepFailed, StepStarted
from nvx.core.values import JsonValue
from nvx.views.events import duration, event_document, event_text
from nvx.views.paint import Paint, clean


class Listener(Protocol):
    """Takes events from many threads; a context manager, so that a terminal is left as it was."""

    def emit(self, event: Any) -> None:
        """Take one event."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Lines:
    """One line an event; of progress, only a new stage."""

    def __init__(self, out: IO[str], paint: Paint) -> None:
        self._out = out
        self._paint = paint
        self._stages: dict[Address, str] = {}
        self._lock = threading.Lock()

    def emit(self, event: Any) -> None:
        """Write the line of an event."""
        with self._lock:
            if isinstance(event, Progress) and self._stages.get(event.address) == event.stage:
                return
            if isinstance(event, Progress):
                self._stages[event.address] = event.stage
            if (text := event_text(event, self._paint)) is not None:
                print(text, file=self._out, flush=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing to put back."""


class JsonLines(Lines):
    """One JSON object a line, each with its stack; the first one names the format."""

    def __init__(self, out: IO[str], paint: Paint, stack: str) -> None:
        super().__init__(out, paint)
        self._stack = stack

    def emit(self, event: Any) -> None:
        """Write an event as JSON."""
        self._write(event_document(event))

    def _write(self, document: Mapping[str, JsonValue]) -> None:
        line = json.dumps({**document, "stack": self._stack})
        with self._lock:
            print(line, file=self._out, flush=True)

    def __enter__(self) -> Self:
        self._write({"event": "begin", "format": "nvx.events/1"})
        return self


class Live(Lines):
    """A line for each event that stays, and below them what is under way, redrawn in place."""

    def __init__(self, out: IO[str], paint: Paint) -> None:
        super().__init__(out, paint)
        from rich.console import Console
        from rich.live import Live as RichLive

        self._console = Console(file=out, highlight=False, no_color=not paint.color)
        self._live = RichLive(console=self._console, refresh_per_second=4, transient=True)
        self._open: dict[Address, str] = {}

    def emit(self, event: Any) -> None:
        """Write what stays, redraw what moves."""
        from rich.text import Text

        with self._lock:
            self._track(event)
            if not isinstance(event, Progress):
                text = event_text(event, self._paint)
                if text is not None:
                    self._console.print(Text.from_ansi(text))
            rows = [f"    {address!s:<34} {stage}" for address, stage in self._open.items()]
            self._live.update(Text("\n".join(rows), style="dim"))

    def _track(self, event: Any) -> None:
        match event:
            case StepStarted(address, action, _):
                self._open[address] = f"{action.value} …"
            case Progress(address, stage, elapsed_s, fraction):
                share = f" {fraction:.0%}" if fraction is not None else ""
                self._open[address] = f"{clean(stage)}{share}  {duration(elapsed_s)}"
            case StepDone(address) | StepFailed(address) | RunEnded(address):
                self._open.pop(address, None)
            case _:
                pass

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()
