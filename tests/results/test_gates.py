from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nvx.core.address import Address
from nvx.core.resource import Nature
from nvx.core.state import Record, Status
from nvx.results.gates import (
    Bound,
    Outcome,
    Score,
    Verdict,
    judged,
    overall,
    previous_of,
    score_of,
)

EVALUATION = Address("evaluation", "mmlu")
HIGHER = Bound("accuracy", max_drop=0.01, better="higher")
SCORES = st.floats(0, 1, allow_nan=False)


def one(bound: Bound, own: Score, other: Score | None = None, *, real: bool = False) -> Outcome:
    (outcome,) = judged(EVALUATION, bound, own, other, real_account=real)
    return outcome


@pytest.mark.parametrize(
    ("bound", "own", "other", "verdict"),
    [
        (Bound("a", min=0.5), 0.5, None, "pass"),
        (Bound("a", min=0.5), 0.4999, None, "fail"),
        (Bound("a", max=0.1), 0.1, None, "pass"),
        (Bound("a", max=0.1), 0.11, None, "fail"),
        (HIGHER, 0.54, 0.55, "pass"),
        (HIGHER, 0.53, 0.55, "fail"),
        (HIGHER, 0.9, 0.55, "pass"),
        (replace(HIGHER, better="lower"), 0.56, 0.55, "pass"),
        (replace(HIGHER, better="lower"), 0.57, 0.55, "fail"),
        (replace(HIGHER, better="lower"), 0.1, 0.55, "pass"),
    ],
)
def test_a_bound_is_kept_or_missed(
    bound: Bound, own: float, other: float | None, verdict: str
) -> None:
    baseline = None if other is None else Score(other)
    assert one(bound, Score(own), baseline).verdict == verdict


@pytest.mark.parametrize(
    ("bound", "own", "other", "why"),
    [
        (Bound("a", min=0), Score(missing="it is still running"), None, "it is still running"),
        (Bound("a", min=0), Score(float("nan")), None, "there is no score"),
        (HIGHER, Score(1.0), None, "no baseline (base)"),
        (HIGHER, Score(1.0), Score(missing="it has not run"), "it has not run"),
        (replace(HIGHER, better=None), Score(1.0), Score(1.0), "whether higher or lower"),
        (Bound("a", min=0, confidence=0.9), Score(1.0), None, "a standard error is missing"),
    ],
)
def test_what_is_not_known_is_undecided(
    bound: Bound, own: Score, other: Score | None, why: str
) -> None:
    outcome = one(bound, own, other)
    assert outcome.verdict is Verdict.UNDECIDED
    assert why in outcome.reason


def test_a_simulated_score_decides_nothing_in_a_real_account() -> None:
    made_up = Score(0.9, simulated=True)
    assert one(Bound("a", min=0.5), made_up, real=True).verdict is Verdict.UNDECIDED
    assert one(Bound("a", min=0.5), made_up).verdict is Verdict.PASS
    assert one(HIGHER, Score(0.9), made_up, real=True).verdict is Verdict.UNDECIDED


def test_confidence_asks_for_room_on_the_bad_side() -> None:
    bound = Bound("a", min=0.5, confidence=0.95)
    assert one(bound, Score(0.53, stderr=0.02)).verdict is Verdict.FAIL
    assert one(bound, Score(0.54, stderr=0.02)).verdict is Verdict.PASS


def test_errors_of_a_difference_add_in_quadrature() -> None:
    bound = Bound("a", max_drop=0.1, better="higher", confidence=0.841344746)
    own, base = Score(0.5, stderr=0.03), Score(0.55, stderr=0.04)
    assert one(bound, own, base).verdict is Verdict.PASS
    assert one(bound, replace(own, value=0.4999), base).verdict is Verdict.FAIL


@given(SCORES, SCORES)
def test_a_score_against_itself_never_drops(value: float, limit: float) -> None:
    bound = Bound("a", max_drop=limit, better="higher")
    assert one(bound, Score(value), Score(value)).verdict is Verdict.PASS


@given(SCORES, SCORES, SCORES)
def test_worse_never_passes_where_better_fails(low: float, high: float, base: float) -> None:
    low, high = sorted((low, high))
    worse, better = (one(HIGHER, Score(v), Score(base)).verdict for v in (low, high))
    assert not (worse is Verdict.PASS and better is Verdict.FAIL)


def test_different_sides_are_warned_about() -> None:
    own = Score(0.5, base_version="1.0.0", question="q1")
    other = Score(0.5, base_version="1.1.0", question="q2")
    assert len(one(HIGHER, own, other).warnings) == 2
    assert one(HIGHER, own, own).warnings == ()


def record(id_: str, status: Status, started: str, **outputs: object) -> Record:
    return Record(
        EVALUATION,
        "evaluation",
        "benchmark",
        Nature.RUN,
        id_,
        id_,
        "D",
        status,
        started_at=started,
        outputs=outputs,  # type: ignore[arg-type]  # JSON
    )


def test_the_previous_run_is_the_newest_older_one_that_succeeded() -> None:
    now = record("now", Status.READY, "2026-03-01T00:00:00Z")
    good = record("good", Status.READY, "2026-02-01T00:00:00Z")
    bad = record("bad", Status.FAILED, "2026-02-15T00:00:00Z")
    older = record("older", Status.READY, "2026-01-01T00:00:00Z")
    later = record("later", Status.READY, "2026-04-01T00:00:00Z")
    assert previous_of(now, (older, good, bad, now, later)) == good
    assert previous_of(older, (older, good)) is None


def test_a_score_says_why_it_is_missing() -> None:
    assert score_of(None, "accuracy").missing == "it has not run"
    running = record("r", Status.PENDING, "")
    assert score_of(running, "accuracy").missing == "it is still running"
    done = record(
        "d", Status.READY, "", scores={"tuned": {"accuracy": 0.5, "accuracy_stderr": 0.1}}
    )
    assert score_of(done, "accuracy") == Score(0.5, 0.1)
    assert score_of(done, "f1").missing == "it has no f1"
    assert score_of(done, "accuracy", side="base").value is None


def test_undecided_is_never_a_pass() -> None:
    blank = Outcome(EVALUATION, "a", Verdict.PASS, "min 0")
    undecided = replace(blank, verdict=Verdict.UNDECIDED)
    assert overall((blank,)) is Verdict.PASS
    assert overall((blank, undecided)) is Verdict.UNDECIDED
    assert overall((blank, undecided, replace(blank, verdict=Verdict.FAIL))) is Verdict.FAIL
