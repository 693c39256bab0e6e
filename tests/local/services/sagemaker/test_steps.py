import pytest

from support.local_aws import running
from support.sagemaker_requests import (
    BUCKET,
    Workshop,
    chain,
    definition,
    evaluation_step,
)

_BASE = evaluation_step("EvaluateBaseModel")
_ID = {"Get": "Execution.PipelineExecutionId"}
_FAIL = {"Name": "Stop", "Type": "Fail", "Arguments": {"ErrorMessage": "too bad"}}

_ACTION = {
    "ActionName": _ID,
    "ActionType": "Evaluation",
    "Source": {"SourceUri": "arn:model", "SourceType": "ModelPackage"},
    "Properties": {"PipelineName": "pipe"},
}
_CONTEXT = {
    "ContextName": _ID,
    "ContextType": "PipelineExecution",
    "Source": {"SourceUri": {"Get": "Execution.PipelineExecutionArn"}},
}
_ASSOCIATION = {
    "Source": {"Name": _ID, "Type": "Action"},
    "Destination": {"Name": _ID, "Type": "Context"},
    "AssociationType": "ContributedTo",
}
_LINEAGE = {
    "Name": "CreateEvaluationAction",
    "Type": "Lineage",
    "Arguments": {
        "Actions": [_ACTION],
        "Contexts": [_CONTEXT],
        "Associations": [_ASSOCIATION],
    },
}
_REPORT = {
    "ArtifactName": {"Std:Join": {"On": "-", "Values": [_ID, "report"]}},
    "ArtifactType": "EvaluationReport",
    "Source": {"SourceUri": {"Get": "Steps.EvaluateBaseModel.OutputDataConfig.S3OutputPath"}},
}
_LINK = {
    "Source": {"Name": _REPORT["ArtifactName"], "Type": "Artifact"},
    "Destination": {"Name": _ID, "Type": "Action"},
    "AssociationType": "ContributedTo",
}
_ASSOCIATE = {
    "Name": "AssociateLineage",
    "Type": "Lineage",
    "DependsOn": ["CreateEvaluationAction"],
    "Arguments": {"Artifacts": [_REPORT], "Associations": [_LINK]},
}


def test_steps_begin_when_the_steps_before_them_end(shop: Workshop) -> None:
    shop.pipeline("pipe", definition(*chain("A", "B", "C")))
    arn = shop.start("pipe")
    shop.advance(0.5)
    assert set(shop.steps(arn)) == {"A"}
    shop.advance(1000)
    steps = shop.steps(arn)
    assert steps["A"]["EndTime"] == steps["B"]["StartTime"]
    assert steps["B"]["EndTime"] == steps["C"]["StartTime"]
    ends = shop.execution(arn)["LastModifiedTime"]
    assert ends == steps["C"]["EndTime"]
    lasted = (steps["C"]["EndTime"] - steps["A"]["StartTime"]).total_seconds()
    assert lasted == pytest.approx(3 * 20 * 60)


def test_expressions_pass_values_from_step_to_step(shop: Workshop) -> None:
    first = evaluation_step("First")
    second = evaluation_step("Second")
    path = {
        "Std:Join": {
            "On": "/",
            "Values": [
                {"Get": "Steps.First.OutputDataConfig.S3OutputPath"},
                {"Get": "Steps.First.TrainingJobName"},
                {"Get": "Execution.PipelineExecutionId"},
                {"Get": "Parameters.Suffix"},
            ],
        }
    }
    second["Arguments"]["OutputDataConfig"] = {"S3OutputPath": path, "CompressionType": "NONE"}
    parameters = [{"Name": "Suffix", "Type": "String", "DefaultValue": "end"}]
    shop.pipeline("pipe", definition(first, second, Parameters=parameters))
    arn = shop.start("pipe", PipelineParameters=[{"Name": "Suffix", "Value": "tail"}])
    shop.advance()
    steps = shop.steps(arn)
    names = {
        name: step["Metadata"]["TrainingJob"]["Arn"].rpartition("/")[2]
        for name, step in steps.items()
    }
    output = shop.job(names["Second"])["OutputDataConfig"]["S3OutputPath"]
    assert output == f"s3://{BUCKET}/eval/{names['First']}/{arn[-12:]}/tail"
    listing = shop.sagemaker.list_pipeline_parameters_for_execution(PipelineExecutionArn=arn)
    assert listing["PipelineParameters"] == [{"Name": "Suffix", "Value": "tail"}]


def test_a_refused_job_fails_its_step_and_the_execution(shop: Workshop) -> None:
    broken = evaluation_step("Broken", RoleArn="arn:aws:iam::000000000000:role/none")
    after = {**evaluation_step("After"), "DependsOn": ["Broken"]}
    shop.pipeline("pipe", definition(broken, after))
    arn = shop.start("pipe")
    execution = shop.execution(arn)
    assert execution["PipelineExecutionStatus"] == "Failed"
    assert execution["FailureReason"] == "Step failure: One or multiple steps failed."
    steps = shop.steps(arn)
    assert set(steps) == {"Broken"}
    assert steps["Broken"]["StepStatus"] == "Failed"
    assert "Failed to invoke sagemaker:CreateTrainingJob" in steps["Broken"]["FailureReason"]
    assert "Could not assume role" in steps["Broken"]["FailureReason"]


def test_a_failed_job_fails_its_step_with_its_reason() -> None:
    outcome = {
        "match": "*-EvaluateBaseModel-*",
        "status": "Failed",
        "reason": "AlgorithmError: x",
    }
    with running() as cloud:
        cloud.server.settings.update({"outcomes": [outcome]})
        shop = Workshop(cloud)
        shop.pipeline("pipe", definition(_BASE, evaluation_step("Other")))
        arn = shop.start("pipe")
        shop.advance()
        steps = shop.steps(arn)
        assert steps["EvaluateBaseModel"]["FailureReason"] == "AlgorithmError: x"
        assert steps["Other"]["StepStatus"] == "Succeeded"
        assert shop.execution(arn)["PipelineExecutionStatus"] == "Failed"


def test_a_tag_on_the_pipeline_lets_its_jobs_fail(shop: Workshop) -> None:
    tags = [{"Key": "nvx-local:outcome", "Value": "Failed"}]
    shop.pipeline("pipe", definition(_BASE), Tags=tags)
    arn = shop.start("pipe")
    shop.advance()
    assert shop.execution(arn)["PipelineExecutionStatus"] == "Failed"


def test_a_base_model_without_an_experiment_fails_as_the_service_says(shop: Workshop) -> None:
    shop.pipeline("pipe", definition(_BASE, MlflowConfig=None))
    arn = shop.start("pipe")
    shop.advance()
    assert shop.steps(arn)["EvaluateBaseModel"]["FailureReason"] == (
        "MlflowExperimentName is required when ModelPackageGroupArn is not provided"
    )


def test_an_experiment_may_be_named_at_the_start(shop: Workshop) -> None:
    shop.pipeline("pipe", definition(_BASE))
    arn = shop.start("pipe", MlflowExperimentName="mine")
    job = shop.steps(arn)["EvaluateBaseModel"]["Metadata"]["TrainingJob"]["Arn"]
    assert shop.job(job.rpartition("/")[2])["MlflowConfig"]["MlflowExperimentName"] == "mine"


def test_a_fail_step_fails_with_its_message(shop: Workshop) -> None:
    shop.pipeline("pipe", definition(_FAIL))
    arn = shop.start("pipe")
    step = shop.steps(arn)["Stop"]
    assert (step["StepStatus"], step["FailureReason"]) == ("Failed", "too bad")
    assert step["Metadata"]["Fail"]["ErrorMessage"] == "too bad"


def test_a_type_of_step_that_is_not_simulated_fails_with_a_sentence(shop: Workshop) -> None:
    shop.pipeline("pipe", definition({"Name": "P", "Type": "Processing", "Arguments": {}}))
    arn = shop.start("pipe")
    assert "does not run steps of type Processing" in shop.steps(arn)["P"]["FailureReason"]
    assert shop.execution(arn)["PipelineExecutionStatus"] == "Failed"


@pytest.mark.parametrize(("bound", "taken"), [(0.0, "Good"), (1.0, "Stop")])
def test_a_condition_takes_one_branch(shop: Workshop, bound: float, taken: str) -> None:
    uri = shop.put("score.json", [{"results": {"accuracy": 0.5}}])
    value = {"Std:JsonGet": {"S3Uri": uri, "Path": "results.accuracy"}}
    condition = {"Type": "GreaterThan", "LeftValue": value, "RightValue": bound}
    step = {
        "Name": "Check",
        "Type": "Condition",
        "Arguments": {
            "Conditions": [condition],
            "IfSteps": [evaluation_step("Good")],
            "ElseSteps": [_FAIL],
        },
    }
    shop.pipeline("pipe", definition(step))
    arn = shop.start("pipe")
    shop.advance()
    steps = shop.steps(arn)
    assert set(steps) == {"Check", taken}
    outcome = steps["Check"]["Metadata"]["Condition"]["Outcome"]
    assert outcome == ("True" if taken == "Good" else "False")


def test_lineage_steps_record_what_was_evaluated(shop: Workshop) -> None:
    shop.pipeline("pipe", definition(_LINEAGE, _BASE, _ASSOCIATE))
    arn = shop.start("pipe")
    shop.advance()
    assert shop.execution(arn)["PipelineExecutionStatus"] == "Succeeded"
    metadata = shop.steps(arn)["CreateEvaluationAction"]["Metadata"]["Lineage"]
    described = shop.sagemaker.describe_action(ActionName=arn[-12:])
    assert metadata["ActionArns"] == {arn[-12:]: described["ActionArn"]}
    assert metadata["Associations"][0]["SourceArn"] == described["ActionArn"]
    rows = shop.sagemaker.list_associations(DestinationArn=described["ActionArn"])
    (row,) = rows["AssociationSummaries"]
    assert (row["SourceType"], row["DestinationType"]) == ("EvaluationReport", "Evaluation")


def test_a_judge_step_reads_what_the_inference_step_wrote(shop: Workshop) -> None:
    shop.with_data()
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/data/train.jsonl"}
    inference = evaluation_step(
        "EvaluateBaseInferenceModel",
        TrainingJobName="BaseInference",
        HyperParameters={"name": "BaseInference", "task": "inference_only"},
        InputDataConfig=[{"ChannelName": "train", "DataSource": {"S3DataSource": source}}],
    )
    name = {"Std:Join": {"On": "-", "Values": ["base-llmaj-eval", _ID]}}
    answers = [
        {"Get": "Steps.EvaluateBaseInferenceModel.OutputDataConfig.S3OutputPath"},
        "/",
        {"Get": "Steps.EvaluateBaseInferenceModel.TrainingJobName"},
        "/output/output/",
        "BaseInference",
        "/eval_results/inference_output.jsonl",
    ]
    judge = evaluation_step(
        "EvaluateBaseModelMetrics",
        TrainingJobName=name,
        HyperParameters={
            "name": name,
            "judge_model_id": "amazon.nova-pro-v1:0",
            "inference_data_s3_path": {"Std:Join": {"On": "", "Values": answers}},
            "output_path": f"s3://{BUCKET}/eval",
            "llmaj_metrics": '["Correctness"]',
        },
    )
    judge["DependsOn"] = ["EvaluateBaseInferenceModel"]
    judge["Arguments"]["ServerlessJobConfig"]["EvaluationType"] = "LLMAJEvaluation"
    shop.pipeline("judge", definition(inference, judge))
    arn = shop.start("judge")
    shop.advance()
    assert shop.execution(arn)["PipelineExecutionStatus"] == "Succeeded"
    (key,) = [
        key for key in shop.keys("eval/") if key.endswith("bedrock_llm_judge_results.json")
    ]
    assert f"/output/output/base-llmaj-eval-{arn[-12:]}/eval_results/" in key
    assert shop.get_json(key)["results"]["Correctness"]["total_evaluations"] == 100
