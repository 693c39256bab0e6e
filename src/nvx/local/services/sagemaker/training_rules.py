"""What CreateTrainingJob refuses beyond the shapes of its members."""

from __future__ import annotations

import json

from nvx.local.context import AwsError, Context, Params
from nvx.local.services.sagemaker.base_models import BaseModel, base_model, tuning_recipe
from nvx.local.services.sagemaker.groups import find_group
from nvx.local.services.sagemaker.inputs import (
    check_channels,
    check_output,
    find_content,
    read_object,
)
from nvx.local.services.sagemaker.packages import find_package
from nvx.local.services.sagemaker.recipe_jobs import (
    is_recipe_job,
    recipe_doom,
    recipe_plan,
)
from nvx.local.services.sagemaker.refusals import invalid
from nvx.local.services.sagemaker.roles import check_role

# Source: the conflicts that terraform-provider-aws declares for serverless training jobs.
_NOT_SERVERLESS = ("AlgorithmSpecification", "Environment", "RetryStrategy", "CheckpointConfig",
                   "DebugHookConfig", "ExperimentConfig", "ProfilerConfig",
                   "TensorBoardOutputConfig")  # fmt: skip
_ONLY_SERVERLESS = ("ModelPackageConfig", "MlflowConfig")


def check_members(params: Params) -> None:
    """Refuse members that exclude or need each other."""
    serverless = params.get("ServerlessJobConfig")
    if serverless is None:
        _check_classic(params)
        return
    for member in _NOT_SERVERLESS:
        if member in params:
            raise invalid(f"{member} cannot be specified together with ServerlessJobConfig.")
    if params.get("EnableManagedSpotTraining"):
        raise invalid(
            "EnableManagedSpotTraining is not supported for serverless training jobs."
        )
    if serverless["JobType"] == "FineTuning":
        _check_tuning(params, serverless)
    else:
        _check_evaluation(serverless)


def prepare(ctx: Context, params: Params) -> Params:
    """What a job is going to work on; refuses what is not there."""
    check_role(ctx, params["RoleArn"])
    check_output(ctx, params["OutputDataConfig"]["S3OutputPath"])
    serverless = params.get("ServerlessJobConfig")
    plan: Params = check_channels(ctx, params)
    if serverless is None:
        return {**plan, **recipe_plan(ctx, params)} if is_recipe_job(params) else plan
    model = base_model(ctx, serverless["BaseModelArn"])
    if model.is_gated and not serverless.get("AcceptEula"):
        raise invalid(
            f"The base model {model.name} requires accepting its end-user license agreement "
            "(EULA). Set AcceptEula to true in ServerlessJobConfig."
        )
    plan |= {"BaseModel": model.name, "BaseModelVersion": model.version, "Nova": model.is_nova}
    plan["RecipeName"] = _recipe_name(model, serverless)
    _check_packages(ctx, params.get("ModelPackageConfig", {}), model)
    if "EvaluatorArn" in serverless:
        plan["Evaluator"] = evaluator_of(ctx, serverless["EvaluatorArn"])
    return plan


def is_scored_for_real(params: Params) -> bool:
    """Whether a job's answers go through a scorer that can be run here."""
    serverless, asked = params.get("ServerlessJobConfig", {}), params.get("HyperParameters", {})
    named = "EvaluatorArn" in serverless or "lambda_arn" in asked
    return serverless.get("EvaluationType") == "CustomScorerEvaluation" and (
        named or asked.get("preset_reward_function") in ("prime_math", "prime_code")
    )


def doom(ctx: Context, params: Params, plan: Params) -> str | None:
    """Why a job that was accepted is going to fail, or None."""
    serverless = params.get("ServerlessJobConfig")
    if serverless is None:
        return recipe_doom(ctx, params, plan) if is_recipe_job(params) else None
    experiment = params.get("MlflowConfig", {}).get("MlflowExperimentName")
    if not params.get("ModelPackageConfig", {}).get("ModelPackageGroupArn") and not experiment:
        return "MlflowExperimentName is required when ModelPackageGroupArn is not provided"
    wants_rows = serverless["JobType"] == "FineTuning" or (
        serverless.get("EvaluationType") == "CustomScorerEvaluation"
    )
    if wants_rows and not plan["Rows"]:
        return "ClientError: the training data holds no rows."
    if "Evaluator" in plan and not _is_there(ctx, plan["Evaluator"]):
        return f"ClientError: {plan['Evaluator'].get('Reference')} cannot be used: it does not exist."
    return None


def _check_classic(params: Params) -> None:
    if "AlgorithmSpecification" not in params:
        raise invalid("Either AlgorithmSpecification or ServerlessJobConfig is required.")
    if "ResourceConfig" not in params:
        raise invalid("ResourceConfig is required together with AlgorithmSpecification.")
    algorithm = params["AlgorithmSpecification"]
    if ("TrainingImage" in algorithm) == ("AlgorithmName" in algorithm):
        raise invalid(
            "Exactly one of TrainingImage and AlgorithmName is required in AlgorithmSpecification."
        )
    for member in _ONLY_SERVERLESS:
        if member == "ModelPackageConfig" and is_recipe_job(params):
            continue  # a recipe may go on from a package
        if member in params:
            raise invalid(f"{member} is only supported together with ServerlessJobConfig.")


def _check_tuning(params: Params, serverless: Params) -> None:
    technique = serverless.get("CustomizationTechnique")
    if technique is None:
        raise invalid("CustomizationTechnique is required when JobType is FineTuning.")
    if "EvaluationType" in serverless:
        raise invalid("EvaluationType is only supported when JobType is Evaluation.")
    if not params.get("InputDataConfig"):
        raise invalid("InputDataConfig is required when JobType is FineTuning.")
    hyperparameters = params.get("HyperParameters", {})
    rewarded = "EvaluatorArn" in serverless
    if technique == "RLVR" and not (rewarded or hyperparameters.get("preset_reward_function")):
        raise invalid(
            "RLVR requires EvaluatorArn or the hyperparameter preset_reward_function."
        )
    if technique == "RLAIF" and not hyperparameters.get("judge_model_id"):
        raise invalid("RLAIF requires the hyperparameter judge_model_id.")


def _check_evaluation(serverless: Params) -> None:
    if "EvaluationType" not in serverless:
        raise invalid("EvaluationType is required when JobType is Evaluation.")
    for member in ("CustomizationTechnique", "Peft"):
        if member in serverless:
            raise invalid(f"{member} is only supported when JobType is FineTuning.")


def _recipe_name(model: BaseModel, serverless: Params) -> str:
    if serverless["JobType"] == "FineTuning":
        return str(tuning_recipe(model, serverless)["Name"])
    wanted = serverless["EvaluationType"]
    if wanted == "LLMAJEvaluation" and model.is_nova:
        raise invalid(f"EvaluationType {wanted} is not supported for base model {model.name}.")
    recipes = model.recipes("Evaluation")
    if not recipes:
        raise invalid(f"Evaluation is not supported for base model {model.name}.")
    return str(recipes[0]["Name"])


def _check_packages(ctx: Context, config: Params, model: BaseModel) -> None:
    if "ModelPackageGroupArn" in config:
        find_group(ctx, config["ModelPackageGroupArn"])
    if "SourceModelPackageArn" not in config:
        return
    package = find_package(ctx, config["SourceModelPackageArn"])
    containers = package.get("InferenceSpecification", {}).get("Containers") or [{}]
    name = containers[0].get("BaseModel", {}).get("HubContentName")
    # The judge of a tuned Nova model runs under a proxy model, so evaluations are not compared.
    if name is None:
        raise invalid(f"ModelPackage {package['ModelPackageArn']} has no base model.")
    if name != model.name and ctx.settings.strict:
        raise invalid(
            f"ModelPackage {package['ModelPackageArn']} is not based on {model.name}."
        )


def evaluator_of(ctx: Context, arn: str) -> Params:
    """The content of a registered evaluator; refuses hub content that is none."""
    document = json.loads(find_content(ctx, arn, "JsonDoc")["HubContentDocument"])
    if document.get("SubType") != "AWS/Evaluator":
        raise invalid(f"Hub content {arn} is not an evaluator.")
    content: Params = json.loads(document["JsonContent"])
    return content


def _is_there(ctx: Context, evaluator: Params) -> bool:
    reference = evaluator.get("Reference", "")
    try:
        if evaluator.get("EvaluatorType") == "RewardFunction":
            ctx.call("lambda", "GetFunction", {"FunctionName": reference})
        else:
            read_object(ctx, reference)
    except AwsError:
        return False
    return True
