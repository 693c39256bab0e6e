import json
from typing import Any

import pytest

from support.local_aws import ROLE, message_of, refused
from support.sagemaker_requests import BUCKET, Workshop, definition, evaluation_step, token

_STEP = evaluation_step("EvaluateBaseModel")


def test_a_pipeline_is_described_with_its_newest_definition(shop: Workshop) -> None:
    first, second = definition(_STEP), definition(evaluation_step("Other"))
    arn = shop.pipeline(
        "pipe", first, PipelineVersionAliases=["one"], Tags=[{"Key": "a", "Value": "b"}]
    )
    updated = shop.sagemaker.update_pipeline(
        PipelineName="pipe", PipelineDefinition=second, PipelineVersionAliases=["two"]
    )
    assert updated["PipelineVersionId"] == 2
    for name in ("pipe", arn):
        described = shop.sagemaker.describe_pipeline(PipelineName=name)
        assert described["PipelineDefinition"] == second
        assert described["PipelineStatus"] == "Active"
        assert described["PipelineVersionAliases"] == ["two"]
    old = shop.sagemaker.describe_pipeline(PipelineName="pipe", PipelineVersionAlias="one")
    assert old["PipelineDefinition"] == first
    versions = shop.sagemaker.list_pipeline_versions(PipelineName="pipe")
    ids = [row["PipelineVersionId"] for row in versions["PipelineVersionSummaries"]]
    assert ids == [2, 1]
    assert shop.sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "b"}]


def test_the_same_definition_is_no_new_version(shop: Workshop) -> None:
    text = definition(_STEP)
    shop.pipeline("pipe", text)
    update = shop.sagemaker.update_pipeline
    answer = update(PipelineName="pipe", PipelineDefinition=text, PipelineDescription="New")
    assert answer["PipelineVersionId"] == 1
    assert shop.sagemaker.describe_pipeline(PipelineName="pipe")["PipelineDescription"] == "New"
    words = message_of(
        update, PipelineName="pipe", PipelineDefinition=text, PipelineVersionAliases=["x"]
    )
    assert "only when the update changes the pipeline definition" in words


def test_a_pipeline_name_is_unique_but_for_the_same_token(shop: Workshop) -> None:
    text = definition(_STEP)
    first = shop.pipeline("pipe", text)
    assert shop.pipeline("pipe", text) == first
    other = {
        "PipelineName": "pipe",
        "PipelineDefinition": text,
        "RoleArn": ROLE,
        "ClientRequestToken": token("z"),
    }
    assert refused(shop.sagemaker.create_pipeline, **other) == ("ValidationException", 400)
    words = message_of(shop.sagemaker.create_pipeline, **other)
    assert words.startswith("Pipeline names must be unique within an AWS account and region")


def test_an_alias_belongs_to_one_version(shop: Workshop) -> None:
    shop.pipeline("pipe", definition(_STEP), PipelineVersionAliases=["stable"])
    arn = shop.sagemaker.describe_pipeline(PipelineName="pipe")["PipelineArn"]
    text = definition(evaluation_step("Other"))
    update = shop.sagemaker.update_pipeline
    again = {"PipelineName": "pipe", "PipelineDefinition": text}
    taken = refused(update, **again, PipelineVersionAliases=["stable"])
    assert taken == ("ConflictException", 400)
    update(**again)
    change = shop.sagemaker.update_pipeline_version
    assert refused(
        change,
        PipelineArn=arn,
        PipelineVersionId=2,
        PipelineVersionAliasOperations={"Add": ["stable"]},
    ) == ("ConflictException", 400)
    remove = {"Remove": ["stable"], "Add": ["old"]}
    change(PipelineArn=arn, PipelineVersionId=1, PipelineVersionAliasOperations=remove)
    change(
        PipelineArn=arn, PipelineVersionId=2, PipelineVersionAliasOperations={"Add": ["stable"]}
    )
    described = shop.sagemaker.describe_pipeline(
        PipelineName="pipe", PipelineVersionAlias="stable"
    )
    assert described["PipelineDefinition"] == text


@pytest.mark.parametrize("alias", ["12", "a b", "x" * 129])
def test_a_malformed_alias_is_refused(shop: Workshop, alias: str) -> None:
    refusal = refused(
        shop.sagemaker.create_pipeline,
        PipelineName="pipe",
        PipelineDefinition=definition(_STEP),
        ClientRequestToken=token("a"),
        RoleArn=ROLE,
        PipelineVersionAliases=[alias],
    )
    assert refusal[0] == "ValidationException"


_LOOP = [
    {"Name": "A", "Type": "Fail", "DependsOn": ["B"]},
    {"Name": "B", "Type": "Fail", "DependsOn": ["A"]},
]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "Invalid JSON"),
        ("[" * 5000, "Invalid JSON"),
        ("[]", "must be a JSON object"),
        (definition(_STEP, Version="1"), "Version must be '2020-12-01'"),
        (definition(), "Steps must be a non-empty list"),
        (definition(Steps="x"), "Steps must be a list"),
        (definition({"Name": "A"}), "needs a Name and a Type"),
        (definition({"Name": "a b", "Type": "Fail"}), "Invalid step name: a b"),
        (definition(_STEP, _STEP), "Duplicate step name: EvaluateBaseModel"),
        (definition({**_STEP, "DependsOn": ["None"]}), "depends on the unknown step None"),
        (definition({**_STEP, "DependsOn": "None"}), "must be a list of step names"),
        (definition({**_STEP, "Arguments": []}), "Arguments of step EvaluateBaseModel"),
        (
            definition({"Name": "A", "Type": "Fail", "Arguments": {"X": {"Get": "Steps.Z.Y"}}}),
            "Reference to an unknown step: Steps.Z.Y",
        ),
        (
            definition(
                {"Name": "A", "Type": "Fail", "Arguments": {"X": {"Get": "Parameters.Z"}}}
            ),
            "Reference to an unknown parameter: Parameters.Z",
        ),
        (definition(_STEP, Parameters=[1]), "Every parameter needs a Name"),
        (definition(*_LOOP), "Steps depend on each other: A, B"),
        (
            definition(
                {"Name": "A", "Type": "Fail", "Arguments": json.loads("[" * 900 + "]" * 900)}
            ),
            "",
        ),
    ],
)
def test_a_broken_definition_is_refused(shop: Workshop, text: str, words: str) -> None:
    message = message_of(
        shop.sagemaker.create_pipeline,
        PipelineName="pipe",
        PipelineDefinition=text,
        ClientRequestToken=token("a"),
        RoleArn=ROLE,
    )
    assert message.startswith("Unable to parse pipeline definition.")
    assert words in message


def test_a_definition_may_lie_in_s3(shop: Workshop) -> None:
    shop.s3.put_object(Bucket=BUCKET, Key="pipe.json", Body=definition(_STEP).encode())
    place = {"Bucket": BUCKET, "ObjectKey": "pipe.json"}
    create: dict[str, Any] = {
        "PipelineName": "pipe",
        "ClientRequestToken": token("a"),
        "RoleArn": ROLE,
        "PipelineDefinitionS3Location": place,
    }
    shop.sagemaker.create_pipeline(**create)
    described = shop.sagemaker.describe_pipeline(PipelineName="pipe")
    assert described["PipelineDefinition"] == definition(_STEP)
    absent = create | {
        "PipelineName": "other",
        "PipelineDefinitionS3Location": {**place, "ObjectKey": "none"},
    }
    assert "Unable to read" in message_of(shop.sagemaker.create_pipeline, **absent)
    del create["PipelineDefinitionS3Location"]
    message = message_of(shop.sagemaker.create_pipeline, **create | {"PipelineName": "third"})
    assert "is required" in message


def test_missing_pipelines_versions_and_executions_are_not_found(shop: Workshop) -> None:
    sagemaker = shop.sagemaker
    assert refused(sagemaker.describe_pipeline, PipelineName="none") == (
        "ResourceNotFound",
        400,
    )
    arn = shop.pipeline("pipe", definition(_STEP))
    for members in ({"PipelineVersionAlias": "none"}, {"PipelineVersionId": 7}):
        assert refused(sagemaker.describe_pipeline, PipelineName="pipe", **members)[0] == (
            "ResourceNotFound"
        )
    missing = f"{arn}/execution/abcdefabcdef"
    assert refused(sagemaker.describe_pipeline_execution, PipelineExecutionArn=missing) == (
        "ResourceNotFound",
        400,
    )


def test_a_deleted_pipeline_takes_its_executions_with_it(shop: Workshop) -> None:
    shop.pipeline("pipe", definition(_STEP))
    execution = shop.start("pipe")
    delete = {"PipelineName": "pipe", "ClientRequestToken": token("d")}
    assert refused(shop.sagemaker.delete_pipeline, **delete) == ("ConflictException", 400)
    shop.advance()
    shop.sagemaker.delete_pipeline(**delete)
    shop.advance(1)
    describe = shop.sagemaker.describe_pipeline_execution
    assert refused(describe, PipelineExecutionArn=execution)[0] == "ResourceNotFound"
    assert shop.sagemaker.list_pipelines()["PipelineSummaries"] == []
    shop.pipeline("pipe", definition(_STEP))
    assert shop.start("pipe") != execution


def test_pipelines_are_listed_by_prefix(shop: Workshop) -> None:
    for name in ("eval-b", "eval-a", "other"):
        shop.pipeline(name, definition(_STEP))
    listing = shop.sagemaker.list_pipelines(
        PipelineNamePrefix="eval", SortBy="Name", SortOrder="Ascending"
    )
    names = [row["PipelineName"] for row in listing["PipelineSummaries"]]
    assert names == ["eval-a", "eval-b"]
    newest = shop.sagemaker.list_pipelines(MaxResults=1)["PipelineSummaries"]
    assert [row["PipelineName"] for row in newest] == ["other"]
    assert shop.sagemaker.list_pipelines(ManagedBy="AWS")["PipelineSummaries"] == []
