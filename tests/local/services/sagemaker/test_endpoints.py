from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.local_aws import ROLE, Cloud, message_of, refused, running

LONG = 60.0


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with running() as made:
        yield made


def test_endpoints_are_made_listed_and_deleted(cloud: Cloud) -> None:
    client = cloud.client("sagemaker")
    assert refused(
        client.create_endpoint_config,
        EndpointConfigName="config",
        ProductionVariants=[{"VariantName": "a", "ModelName": "m", "InitialInstanceCount": 1}],
    ) == ("ValidationException", 400)
    client.create_model(ModelName="m", ExecutionRoleArn=ROLE)
    client.create_endpoint_config(
        EndpointConfigName="config",
        ProductionVariants=[{"VariantName": "a", "ModelName": "m", "InitialInstanceCount": 1}],
    )
    made = client.create_endpoint(
        EndpointName="e", EndpointConfigName="config", Tags=[{"Key": "a", "Value": "b"}]
    )
    assert client.list_tags(ResourceArn=made["EndpointArn"])["Tags"]
    for call, members in (
        (client.create_model, {"ModelName": "m", "ExecutionRoleArn": ROLE}),
        (client.create_endpoint, {"EndpointName": "e", "EndpointConfigName": "config"}),
        (
            client.create_endpoint_config,
            {
                "EndpointConfigName": "config",
                "ProductionVariants": [{"VariantName": "a", "ModelName": "m"}],
            },
        ),
    ):
        assert "already existing" in message_of(call, **members)
    assert client.describe_endpoint(EndpointName="e")["EndpointStatus"] == "Creating"
    cloud.server.advance(LONG)
    listed = client.list_endpoints(StatusEquals="InService", NameContains="e")["Endpoints"]
    assert [row["EndpointName"] for row in listed] == ["e"]
    client.delete_endpoint(EndpointName="e")
    assert client.describe_endpoint(EndpointName="e")["EndpointStatus"] == "Deleting"
    cloud.server.advance(LONG)
    said = message_of(client.describe_endpoint, EndpointName="e")
    assert "Could not find endpoint" in said
    client.delete_endpoint_config(EndpointConfigName="config")
    client.delete_model(ModelName="m")
    for call, name in (
        (client.describe_endpoint_config, {"EndpointConfigName": "config"}),
        (client.delete_model, {"ModelName": "m"}),
    ):
        assert refused(call, **name) == ("ValidationException", 400)
