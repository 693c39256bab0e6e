import gzip
import io
import json
import tarfile
from typing import Any

import pytest

from support.sagemaker_requests import BUCKET, NOVA, QWEN, Workshop


def _run(shop: Workshop, request: dict[str, Any]) -> Any:
    shop.sagemaker.create_training_job(**request)
    shop.advance()
    return shop.job(request["TrainingJobName"])


def _results(shop: Workshop, name: str) -> Any:
    (key,) = [key for key in shop.keys(f"eval/{name}/") if "/results_" in key]
    return shop.get_json(key)


def _channel(uri: str) -> list[dict[str, Any]]:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri}
    return [{"ChannelName": "train", "DataSource": {"S3DataSource": source}}]


def _benchmark(shop: Workshop, job: str, model: str = NOVA, **parameters: str) -> Any:
    return _run(shop, shop.evaluation(job, model, HyperParameters=parameters))


def test_a_benchmark_leaves_scores_of_every_subtask_marked_simulated(shop: Workshop) -> None:
    job = _benchmark(shop, "job", task="mmlu", subtask="anatomy, abstract_algebra")
    assert job["TrainingJobStatus"] == "Completed"
    (key,) = shop.keys("eval/job/")
    assert key.startswith("eval/job/output/output/None/eval_results/results_")
    body = shop.get_json(key)
    assert body["simulated"] is True
    parts = {name for name in body["results"] if name != "all"}
    assert parts == {"custom|mmlu_zs_cot_anatomy|0", "custom|mmlu_zs_cot_abstract_algebra|0"}
    scores = [body["results"][part]["accuracy"] for part in parts]
    assert all(0 <= score <= 1 for score in scores)
    assert body["results"]["all"]["accuracy"] == pytest.approx(sum(scores) / 2, abs=1e-5)
    assert 0 < body["results"]["all"]["accuracy_stderr"] < 0.1


def test_a_benchmark_without_subtasks_runs_them_all(shop: Workshop) -> None:
    _benchmark(shop, "job", task="math", name="named")
    (key,) = shop.keys("eval/job/")
    assert "/output/output/named/eval_results/" in key
    results = shop.get_json(key)["results"]
    assert len(results) == 7 + 1
    assert set(results["all"]) == {"exact_match", "exact_match_stderr"}


def test_scores_depend_on_what_is_evaluated_and_on_nothing_else(shop: Workshop) -> None:
    _benchmark(shop, "first", task="gpqa")
    shop.advance(1000)
    _benchmark(shop, "second", task="gpqa", name="other")
    _benchmark(shop, "third", model=QWEN, task="gpqa")
    first = _results(shop, "first")["results"]["all"]
    assert first == _results(shop, "second")["results"]["all"]
    assert first != _results(shop, "third")["results"]["all"]


def test_a_tuned_model_scores_a_little_different_from_its_base(shop: Workshop) -> None:
    group = shop.group()
    tuning = shop.with_data().tuning("tune", ModelPackageConfig={"ModelPackageGroupArn": group})
    package = _run(shop, tuning)["OutputModelPackageArn"]
    config = {"ModelPackageGroupArn": group, "SourceModelPackageArn": package}
    parameters = {"task": "bbh", "subtask": "navigate"}
    _benchmark(shop, "base", **parameters)
    _run(
        shop,
        shop.evaluation("tuned", NOVA, HyperParameters=parameters, ModelPackageConfig=config),
    )
    base, tuned = (
        _results(shop, name)["results"]["all"]["accuracy"] for name in ("base", "tuned")
    )
    assert base != tuned
    assert abs(base - tuned) < 0.11


@pytest.mark.parametrize(
    ("model", "parameters", "words"),
    [
        (NOVA, {"task": "nonsense"}, "unknown evaluation task nonsense"),
        (QWEN, {"task": "mmmu"}, "only supported for Nova"),
        (NOVA, {"task": "mmlu", "subtask": "mathematics"}, "has no subtask mathematics"),
    ],
)
def test_a_benchmark_that_does_not_exist_fails_the_job(
    shop: Workshop, model: str, parameters: dict[str, str], words: str
) -> None:
    job = _benchmark(shop, "job", model, **parameters)
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("AlgorithmError: ")
    assert words in job["FailureReason"]
    assert shop.keys("eval/") == []


def test_compressed_output_is_one_archive(shop: Workshop) -> None:
    output = {"S3OutputPath": f"s3://{BUCKET}/eval/", "CompressionType": "GZIP"}
    _run(shop, shop.evaluation("job", OutputDataConfig=output))
    assert shop.keys("eval/") == ["eval/job/output/output.tar.gz"]
    with shop.s3.get_object(Bucket=BUCKET, Key="eval/job/output/output.tar.gz")["Body"] as body:
        packed = gzip.decompress(body.read())
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        assert "/eval_results/results_" in archive.getnames()[0]


def test_a_custom_scorer_scores_its_rows(shop: Workshop) -> None:
    shop.with_data()
    parameters = {
        "task": "gen_qa",
        "preset_reward_function": "prime_math",
        "evaluation_metric": "all",
    }
    request = shop.evaluation(
        "job",
        serverless={"EvaluationType": "CustomScorerEvaluation"},
        HyperParameters=parameters,
        InputDataConfig=_channel(f"s3://{BUCKET}/data/train.jsonl"),
    )
    _run(shop, request)
    scores = _results(shop, "job")["results"]["all"]
    assert {"rouge1", "rouge1_stderr", "bleu", "aggregate_reward_score"} <= set(scores)
    assert scores["bleu"] > 1 > scores["rouge1"]
    assert scores["byoc_failure_count"] == 0
    (key,) = [key for key in shop.keys("eval/job/") if key.endswith("inference_output.jsonl")]
    with shop.s3.get_object(Bucket=BUCKET, Key=key)["Body"] as body:
        rows = [json.loads(line) for line in body.read().splitlines()]
    assert len(rows) == 100
    assert (rows[4]["prompt"], rows[4]["referenceResponse"]) == ("4 + 1", "5")


def test_a_judge_reads_the_answers_of_an_inference_run(shop: Workshop) -> None:
    inference = shop.with_data().evaluation(
        "infer",
        HyperParameters={"name": "BaseInference", "task": "inference_only"},
        InputDataConfig=_channel(f"s3://{BUCKET}/data/train.jsonl"),
    )
    _run(shop, inference)
    answers = "eval/infer/output/output/BaseInference/eval_results/inference_output.jsonl"
    assert shop.keys("eval/infer/") == [answers]
    custom = [{"customMetricDefinition": {"name": "Brevity", "instructions": "{{prediction}}"}}]
    metrics = shop.put("metrics.json", custom[:0])
    shop.s3.put_object(Bucket=BUCKET, Key="metrics.json", Body=json.dumps(custom).encode())
    judge = {
        "name": "judge-1",
        "judge_model_id": "amazon.nova-pro-v1:0",
        "inference_data_s3_path": f"s3://{BUCKET}/{answers}",
        "output_path": f"s3://{BUCKET}/eval",
        "llmaj_metrics": '["Correctness"]',
        "custom_metrics": metrics,
    }
    job = _run(
        shop,
        shop.evaluation(
            "judge", serverless={"EvaluationType": "LLMAJEvaluation"}, HyperParameters=judge
        ),
    )
    assert job["TrainingJobStatus"] == "Completed"
    (key,) = shop.keys("eval/judge/")
    assert key.endswith("/judge-1/eval_results/bedrock_llm_judge_results.json")
    body = shop.get_json(key)
    assert body["simulated"] is True
    assert set(body["results"]) == {"Correctness", "Brevity"}
    assert body["results"]["Correctness"]["total_evaluations"] == 100
    (records,) = shop.keys("eval/judge-1/")
    assert records.endswith("_output.jsonl")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"inference_data_s3_path": f"s3://{BUCKET}/none"}, "no inference data"),
        ({"judge_model_id": ""}, "judge_model_id"),
        ({"llmaj_metrics": "["}, "metrics cannot be read"),
    ],
)
def test_a_judge_without_what_it_needs_fails(
    shop: Workshop, changes: dict[str, str], words: str
) -> None:
    uri = shop.put("answers.jsonl", [{"prompt": "p", "modelResponses": []}])
    judge = {
        "judge_model_id": "amazon.nova-pro-v1:0",
        "inference_data_s3_path": uri,
        "llmaj_metrics": '["Correctness"]',
        **changes,
    }
    request = shop.evaluation(
        "judge", serverless={"EvaluationType": "LLMAJEvaluation"}, HyperParameters=judge
    )
    job = _run(shop, request)
    assert job["TrainingJobStatus"] == "Failed"
    assert words in job["FailureReason"]
