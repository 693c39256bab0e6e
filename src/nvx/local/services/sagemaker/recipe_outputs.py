"""What recipes leave behind: result files with simulated scores, or the manifest of a checkpoint."""

from __future__ import annotations

import hashlib

from nvx.local.context import Context, Params
from nvx.local.services.sagemaker.evaluation_outputs import OutputFile, as_json, as_json_lines
from nvx.local.services.sagemaker.jobs import ended_at
from nvx.local.services.sagemaker.recipe_jobs import (
    CHECKPOINTS,
    FILES,
    section,
    train_rows,
)
from nvx.local.services.sagemaker.scores import (
    Question,
    Scores,
    Subject,
    benchmarks,
    mean_of,
    measured,
    score,
)

_TEXT = ("rouge1", "rouge2", "rougeL", "exact_match", "quasi_exact_match", "f1_score",
         "f1_score_quasi", "bleu")  # fmt: skip
_JUDGED = ("llm_judge", "mm_llm_judge", "rubric_llm_judge")
_QUESTIONS = 200
_TIES = 0.1
_NOTE = {"simulated": True, "note": "Made by a local AWS: there are no weights behind it."}


def recipe_files(ctx: Context, doc: Params) -> list[OutputFile]:
    """The files of a job that is complete, as its archive holds them."""
    recipe = doc["Plan"]["Recipe"]
    if "evaluation" not in recipe:
        return [OutputFile("manifest.json", as_json({**_NOTE, **_manifest(ctx, doc)}))]
    folder = f"{section(recipe, 'run').get('name') or 'None'}"
    stamp = ended_at(doc).strftime("%Y-%m-%dT%H-%M-%S")
    results = OutputFile(
        f"{folder}/eval_results/results_{stamp}.json", as_json(_results(ctx, doc, recipe))
    )
    events = OutputFile(f"{folder}/tensorboard_results/eval/events.out.tfevents.0", b"")
    if section(recipe, "evaluation").get("task") != "gen_qa":
        return [results, events]
    answers = [_answer(row) for row in train_rows(ctx, doc["Request"])]
    inference = f"{folder}/eval_results/inference_output.jsonl"
    return [results, OutputFile(inference, as_json_lines(answers)), events]


def _manifest(ctx: Context, doc: Params) -> Params:
    """Where the weights are: in a bucket of Amazon's, made for the account."""
    mark = hashlib.sha256(f"{ctx.account}{ctx.region}".encode()).hexdigest()[:12]
    uri = f"s3://customer-escrow-{ctx.account}-smtj-{mark}/{doc['Name']}"
    if "distillation_data" in section(doc["Plan"]["Recipe"], "training_config"):
        return {}
    ctx.table(CHECKPOINTS).put(uri, {"Job": doc["Name"]})
    return {"checkpoint_s3_bucket": uri}


def _results(ctx: Context, doc: Params, recipe: Params) -> Params:
    asked = section(recipe, "evaluation")
    task, strategy = str(asked["task"]), str(asked.get("strategy"))
    path = str(section(recipe, "run").get("model_name_or_path"))
    tuned = path if path.startswith(("s3://", "arn:")) else None
    subject = Subject(doc["Plan"]["BaseModel"], tuned)
    label = f"custom|{task}_{strategy}"
    results = {
        f"{label}{f'_{part}' if part else ''}|0": _scores(subject, Question(task, part), doc)
        for part in _parts(asked)
    }
    whole = mean_of(list(results.values()))
    return {
        "simulated": True,
        "config_general": {"model_name": path, "max_samples": None, "job_id": 0},
        "results": {**results, "all": whole},
        "versions": dict.fromkeys(results, 0),
    }


def _parts(asked: Params) -> list[str]:
    written = [part.strip() for part in str(asked.get("subtask") or "").split(",")]
    known = benchmarks().get(str(asked["task"]), {}).get("subtasks", [])
    return [part for part in written if part] or list(known) or [""]


def _scores(subject: Subject, question: Question, doc: Params) -> Scores:
    task, rows = question.task, max(1, doc["Plan"]["Rows"])
    if task == "gen_qa":
        scores: Scores = {}
        for metric in _TEXT:
            scores |= measured(subject, question, metric, rows)
        return scores
    if task in _JUDGED:
        return _judged(subject, question, rows)
    if task in FILES:
        return measured(subject, question, "aggregate_reward_score", rows)
    metric = str(section(doc["Plan"]["Recipe"], "evaluation").get("metric"))
    count = benchmarks().get(task, {}).get("questions", _QUESTIONS)
    return measured(subject, question, metric, count)


def _judged(subject: Subject, question: Question, rows: int) -> Scores:
    """Wins over two passes, one with the answers in each order."""
    passes = 2 * rows
    ties = round(_TIES * passes)
    b_wins = round(score(subject, question, "winrate") * (passes - ties))
    a_wins = passes - ties - b_wins
    rate = b_wins / max(1, a_wins + b_wins)
    spread = 1.96 * (rate * (1 - rate) / passes) ** 0.5
    counts = {
        "a_scores": a_wins,
        "b_scores": b_wins,
        "ties": ties,
        "inference_error": 0,
        "score": b_wins,
    }
    scores: Scores = {}
    for name, count in counts.items():
        share = count / passes
        scores[name] = float(count)
        scores[f"{name}_stderr"] = round((passes * share * (1 - share)) ** 0.5, 6)
    rates = {"winrate": rate, "lower_rate": rate - spread, "upper_rate": rate + spread}
    scores |= {name: round(min(1.0, max(0.0, value)), 6) for name, value in rates.items()}
    if question.task == "rubric_llm_judge":
        scores |= _weighted(subject, question, rows)
    return scores


def _weighted(subject: Subject, question: Question, rows: int) -> Scores:
    a = measured(subject, question, "weighted_score_A", rows)
    b = measured(subject, question, "weighted_score_B", rows)
    margin = round(a["weighted_score_A"] - b["weighted_score_B"], 6)
    return {**a, **b, "score_margin": margin, "score_margin_stderr": 0.0}


def _answer(row: Params) -> Params:
    return {
        "prompt": row.get("query"),
        "inference": "Simulated answer.",
        "gold": row.get("response"),
        "metadata": row.get("metadata"),
    }
