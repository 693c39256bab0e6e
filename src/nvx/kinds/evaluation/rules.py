"""The rules of serverless evaluations by number."""

from __future__ import annotations

from nvx.kinds.common.rules import Rule

_SDK = "SageMaker Python SDK 3.27"
_BEDROCK = "Bedrock API, CustomMetricDefinition"

RULES: tuple[Rule, ...] = (
    Rule(
        "EV-01",
        "The type is a known one, and no key is unknown.",
        _SDK,
    ),
    Rule(
        "EV-02",
        "The model is a base model of the public hub, a fine-tune, or a version of a model package in"
        " the stack's region; a region that is not known to customize its family is a warning.",
        _SDK,
        ("base-model", "region", "model-package", "model-group", "compare-base"),
    ),
    Rule(
        "EV-03",
        "Before a start: the package is complete and names its base model, which has an evaluation"
        " recipe of the type that is needed, and what is named exists.",
        "hub documents of SageMakerPublicHub",
        ("preflight",),
    ),
    Rule(
        "EV-04",
        "The benchmark is one that serverless evaluations run, for the family of the model, with"
        " subtasks of its own.",
        "AWS documentation of SageMaker model evaluation; " + _SDK,
        ("benchmark", "subtasks"),
    ),
    Rule(
        "EV-05",
        "The scorer is a preset, an evaluator that is a reward function, or for Amazon Nova a"
        " function.",
        _SDK + "; Nova Forge 1.4.10",
        ("scorer", "evaluator"),
    ),
    Rule(
        "EV-06",
        "The dataset is a reference, a registered dataset with its version, or s3://, of JSON lines;"
        " a judge takes at most 1,000 of them.",
        "AWS documentation of SageMaker model evaluation",
        ("dataset", "evaluation-rows"),
    ),
    Rule(
        "EV-07",
        "A judge has 1 to 25 metrics, at most 10 of them one's own, of known names and within the"
        " limits of their definitions; the judge is a known one, and Amazon Nova is judged on Bedrock.",
        "AWS documentation of LLM-as-a-judge evaluation; " + _BEDROCK,
        ("judge", "judge-metric", "judge-nova"),
    ),
    Rule(
        "EV-08",
        "What people may set of how a model answers keeps to the recipe, and a judged model has"
        " nothing to set.",
        _SDK,
        ("inference",),
    ),
    Rule(
        "EV-09",
        "A base model is evaluated with an MLflow experiment.",
        "aws/sagemaker-python-sdk pull requests",
        ("missing-mlflow",),
    ),
    Rule(
        "EV-10",
        "Before a start: the licence of a base model that asks for it is accepted by a person.",
        "hub documents of SageMakerPublicHub",
        ("eula",),
    ),
    Rule(
        "EV-11",
        "Tags are as AWS takes them, and none is nvx's own. Names are cut to fit.",
        "AddTags API; CreatePipeline API",
        ("tags",),
    ),
    Rule(
        "EV-12",
        "The definition of the pipeline has at most 1 MiB.",
        "CreatePipeline API",
        ("definition",),
    ),
    Rule(
        "EV-13",
        "There is a role to run as and a place to write to, and that is not inside the dataset.",
        "nvx: results must not become questions",
        ("missing-role", "missing-bucket", "output", "output-in-dataset"),
    ),
    Rule(
        "EV-14",
        "Before a start: how many jobs a judged evaluation starts, and how often it asks the judge"
        " (information).",
        "nvx",
        ("cost",),
    ),
    Rule(
        "EV-15",
        "A gate can be decided: it asks for something, and what it compares with is measured.",
        "nvx",
        ("gate",),
    ),
)
