"""What a reward function said of rows, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from nvx.data.rewards import Scored
from nvx.views.paint import Paint, clean


def trial_text(results: Sequence[Scored], file: str, paint: Paint) -> str:
    """A line a row, then the mean; failures with the place of their row."""
    width = max(len(f"{file}:{result.line}") for result in results)
    lines = [_line(result, file, width, paint) for result in results]
    rewards = [r.reward for r in results if r.reward is not None and not r.problem]
    wrong = sum(bool(result.problem) for result in results)
    mean = (
        f"mean reward {sum(rewards) / len(rewards):.4f} over {len(rewards)} rows"
        if rewards
        else ""
    )
    counts = f"{wrong} of {len(results)} answers are wrong" if wrong else ""
    return "\n".join(
        [*lines, "", f" {paint.dot} ".join(part for part in (mean, counts) if part)]
    )


def _line(result: Scored, file: str, width: int, paint: Paint) -> str:
    place = f"{clean(file)}:{result.line}"
    if result.problem:
        first = clean(result.problem.strip().splitlines()[-1])
        return f"{place:<{width}}  {paint('wrong', 'red')}  {first}"
    return f"{place:<{width}}  {result.reward:.4f}"
