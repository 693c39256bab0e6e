"""The rules of serverless fine-tunes by number."""

from __future__ import annotations

from nvx.kinds.common.rules import Rule

_SDK = "SageMaker Python SDK 3.27"

RULES: tuple[Rule, ...] = (
    Rule(
        "FT-01",
        "The base model has a name that a model of the public hub can have; a region that is not"
        " known to customize its family is a warning.",
        "CreateTrainingJob API; " + _SDK,
        ("base-model", "region"),
    ),
    Rule(
        "FT-02",
        "A dataset is a reference, the ARN of a registered dataset with its version, or s3://.",
        "CreateTrainingJob API; " + _SDK,
        ("dataset",),
    ),
    Rule(
        "FT-03",
        "A dataset that is declared for another technique does not fit the method, and every row"
        " has the form that the method takes for its family of models.",
        "AWS documentation of the data formats for customization",
        ("technique",),
    ),
    Rule(
        "FT-04",
        "The tuned model has a group to go to, and a model to go on from is a version of a model"
        " package in the stack's region.",
        _SDK,
        ("missing-model-group", "model-group", "model-package"),
    ),
    Rule(
        "FT-05",
        "Hyperparameters are the user's to set, at most 100, with values of allowed characters; what"
        " the recipe's own specification says of type, range and values holds.",
        "CreateTrainingJob API; " + _SDK,
        ("hyperparameter",),
    ),
    Rule(
        "FT-06",
        "Prompt and response together, and dataset_max_len, fit the sequence length of the recipe;"
        " save_steps is at most max_steps.",
        _SDK,
        ("limits",),
    ),
    Rule(
        "FT-07",
        "There are rows for one full batch: after the split for reinforcement learning of open-weight"
        " models, and for Amazon Nova 2 Lite.",
        "public issues of the GRPO recipes; Nova Forge 1.4.10",
        ("rows",),
    ),
    Rule(
        "FT-08",
        "RLVR takes one reward: an evaluator that is a reward function, or a preset; Amazon Nova"
        " takes functions only.",
        "AWS documentation of RLVR; " + _SDK,
        ("reward", "evaluator"),
    ),
    Rule(
        "FT-09",
        "The reward model of RLAIF is one that the service offers in the stack's region.",
        _SDK,
        ("reward-model",),
    ),
    Rule(
        "FT-10",
        "The prompt of RLAIF is one of the recipe's, or an evaluator that is a reward prompt.",
        _SDK,
        ("reward-prompt",),
    ),
    Rule(
        "FT-11",
        "There is a role to run as, a place to write to, and an app where MLflow is asked for.",
        "CreateTrainingJob API",
        ("missing-role", "missing-bucket", "output", "missing-mlflow"),
    ),
    Rule(
        "FT-12",
        "Before a start: the licence is accepted where the hub asks for it, the model has a recipe for"
        " method, training type and sequence length, and what is named exists.",
        "CreateTrainingJob API; hub documents of SageMakerPublicHub",
        ("preflight",),
    ),
    Rule(
        "FT-13",
        "Continued pre-training and multi-turn reinforcement learning are not fine-tune methods of"
        " serverless training jobs.",
        "CreateTrainingJob API",
    ),
    Rule(
        "FT-14", "Tags are as AWS takes them, and none is nvx's own.", "AddTags API", ("tags",)
    ),
)
ELSEWHERE = {
    "cpt": "continued pre-training runs on SageMaker HyperPod only, which nvx does not start",
    "mtrl": "multi-turn reinforcement learning is a job of its own in SageMaker (CreateJob, category"
    " AgentRFT), which nvx does not start",
}
"""Methods that AWS has and nvx does not offer (FT-13)."""
