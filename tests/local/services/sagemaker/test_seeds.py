import json
from typing import Any

import pytest

from support.local_aws import Cloud, refused
from support.sagemaker_requests import LLAMA, NOVA, QWEN, Workshop

_TECHNIQUES = {"SFT", "DPO", "RLVR", "RLAIF"}


def _models(shop: Workshop) -> dict[str, Any]:
    listing = shop.sagemaker.list_hub_contents(
        HubName="SageMakerPublicHub", HubContentType="Model", MaxResults=100
    )
    return {row["HubContentName"]: row for row in listing["HubContentSummaries"]}


def _document(shop: Workshop, name: str) -> Any:
    described = shop.sagemaker.describe_hub_content(
        HubName="SageMakerPublicHub", HubContentType="Model", HubContentName=name
    )
    return json.loads(described["HubContentDocument"])


def test_every_recipe_of_every_model_can_be_fetched_and_read(shop: Workshop) -> None:
    models = _models(shop)
    assert {NOVA, LLAMA, QWEN, "openai-reasoning-gpt-oss-20b"} <= set(models)
    specifications: dict[str, Any] = {}
    for name in models:
        for recipe in _document(shop, name)["RecipeCollection"]:
            for member in ("SmtjOverrideParamsS3Uri", "SmtjRecipeTemplateS3Uri"):
                uri = recipe[member]
                bucket, _, key = uri.removeprefix("s3://").partition("/")
                with shop.s3.get_object(Bucket=bucket, Key=key)["Body"] as body:
                    specifications[uri] = body.read()
    for uri, text in specifications.items():
        if uri.endswith(".json"):
            for parameter, rules in json.loads(text).items():
                _check_parameter(parameter, rules)


def _check_parameter(name: str, rules: dict[str, Any]) -> None:
    assert {"type", "default"} <= set(rules), name
    kinds: dict[str, Any] = {
        "integer": int,
        "float": (int, float),
        "string": str,
        "boolean": bool,
    }
    assert isinstance(rules["default"], kinds[rules["type"]]), name
    if "enum" in rules:
        assert rules["default"] in rules["enum"], name
    if "min" in rules:
        assert rules["min"] <= rules["default"] <= rules["max"], name


@pytest.mark.parametrize(
    ("name", "evaluations"),
    [
        (NOVA, {"DeterministicTextBenchmark", "DeterministicMultiModalBenchmark"}),
        ("nova-textgeneration-micro", {"DeterministicTextBenchmark"}),
        (QWEN, {"DeterministicEvaluation", "LLMAJEvaluation"}),
    ],
)
def test_recipes_fit_the_family_of_the_model(
    shop: Workshop, name: str, evaluations: set[str]
) -> None:
    recipes = _document(shop, name)["RecipeCollection"]
    assert {item["EvaluationType"] for item in recipes if item["Type"] == "Evaluation"} == (
        evaluations
    )
    techniques = {
        item["CustomizationTechnique"] for item in recipes if item["Type"] != "Evaluation"
    }
    assert techniques <= _TECHNIQUES
    assert len({item["Name"] for item in recipes}) == len(recipes)


def test_only_licensed_models_are_gated(shop: Workshop) -> None:
    gated = {name for name in _models(shop) if _document(shop, name)["GatedBucket"]}
    assert LLAMA in gated
    assert all(name.startswith("meta-") for name in gated)


def test_keywords_tell_what_a_model_can_be_tuned_with(shop: Workshop) -> None:
    keywords = _models(shop)[QWEN]["HubContentSearchKeywords"]
    assert {"@recipe:finetuning_sft_lora", "@recipe:finetuning_rlvr_lora"} <= set(keywords)


def test_every_account_and_region_finds_the_public_hub(cloud: Cloud) -> None:
    for account in ("000000000000", "111122223333"):
        for region in ("eu-west-1", "us-east-1"):
            sagemaker = cloud.client("sagemaker", account=account, region=region)
            described = sagemaker.describe_hub_content(
                HubName=f"arn:aws:sagemaker:{region}:aws:hub/SageMakerPublicHub",
                HubContentType="Model",
                HubContentName=NOVA,
            )
            assert described["HubContentArn"] == (
                f"arn:aws:sagemaker:{region}:aws:hub-content/SageMakerPublicHub/Model/{NOVA}/1.2.0"
            )


def test_the_recipe_bucket_can_be_read_and_not_written(shop: Workshop) -> None:
    bucket = {"Bucket": "jumpstart-cache-prod-eu-west-1"}
    key = "fmhMetadata/supported-llmaj-judge-models.json"
    with shop.s3.get_object(**bucket, Key=key)["Body"] as body:
        assert json.loads(body.read())["supported_judge_models"]
    assert refused(shop.s3.put_object, **bucket, Key="x")[0] == "AccessDenied"
    assert refused(shop.s3.delete_object, **bucket, Key=key)[0] == "AccessDenied"
    assert bucket["Bucket"] not in [row["Name"] for row in shop.s3.list_buckets()["Buckets"]]
