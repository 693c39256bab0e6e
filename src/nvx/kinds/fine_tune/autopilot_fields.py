"""The fields of a fine-tune that Autopilot runs."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from nvx.core.resource import RefTo, Role
from nvx.kinds.common.model import Model, Text
from nvx.kinds.common.serverless import Vpc

CSV = "text/csv;header=present"
PARQUET = "x-application/vnd.amazon+parquet"
CONTENT_TYPES = ("text/csv", CSV, PARQUET)
_ENDINGS = {"csv": CSV, "parquet": PARQUET}

_KEY = r"^[a-zA-Z0-9:/_-]{1,2048}$"
_VALUE_LIMIT = 16
_Seconds = Annotated[int | None, Field(ge=1)]


class AutopilotFields(Model):
    """`[fine_tune.<name>]` with `method = "autopilot"`."""

    method: Annotated[
        Literal["autopilot"], Role.POLICY, Field(description="Instruction tuning by Autopilot.")
    ] = "autopilot"
    base_model: Annotated[
        str,
        Role.BEHAVIOUR,
        Field(
            pattern=r"^[a-zA-Z0-9](-*[a-zA-Z0-9])*$",
            max_length=256,
            description="The model to tune, by Autopilot's own name: Falcon7BInstruct, say.",
        ),
    ]
    dataset: Annotated[
        Text | None,
        Role.BEHAVIOUR,
        RefTo(("dataset",), "uri"),
        Field(description="What to train on: a dataset, or s3://; CSV or Parquet."),
    ] = None
    validation_dataset: Annotated[
        Text | None,
        Role.BEHAVIOUR,
        RefTo(("dataset",), "uri"),
        Field(description="What to validate on; without it, a share of the dataset."),
    ] = None
    validation_fraction: Annotated[
        float | None,
        Role.BEHAVIOUR,
        Field(
            allow_inf_nan=False,
            description="The share of the dataset to validate on; the service takes 0.2.",
        ),
    ] = None
    content_type: Annotated[
        str | None,
        Role.BEHAVIOUR,
        Field(description="What the data is; by default its file ending says it, else CSV."),
    ] = None
    hyperparameters: Annotated[
        dict[str, bool | int | float | str],
        Role.BEHAVIOUR,
        Field(description="epochCount, batchSize, learningRate, learningRateWarmupSteps."),
    ] = Field(default={})
    repeat: Annotated[
        int,
        Role.BEHAVIOUR,
        Field(ge=1, description="Tells runs apart that are meant to have equal inputs."),
    ] = 1
    objective: Annotated[
        str | None,
        Role.CIRCUMSTANCE,
        Field(description="Never: text generation is tuned for cross-entropy loss alone."),
    ] = None
    max_candidates: Annotated[
        int | None,
        Role.CIRCUMSTANCE,
        Field(description="How many models to try: 1 is all there is for text generation."),
    ] = None
    max_runtime: Annotated[
        _Seconds,
        Role.CIRCUMSTANCE,
        Field(description="Seconds for the training; the service allows 72 hours."),
    ] = None
    max_job_runtime: Annotated[
        _Seconds,
        Role.CIRCUMSTANCE,
        Field(description="Seconds for everything; past them nothing is deployed."),
    ] = None
    deploy: Annotated[
        bool,
        Role.CIRCUMSTANCE,
        Field(
            description="Deploy the tuned model to an endpoint, which is billed by the hour."
        ),
    ] = False
    endpoint_name: Annotated[
        str | None,
        Role.CIRCUMSTANCE,
        Field(description="The name of the endpoint; by default the service makes one up."),
    ] = None
    # Not a policy: what becomes of an endpoint has to be on record when its block is gone.
    keep_endpoint: Annotated[
        bool,
        Role.CIRCUMSTANCE,
        Field(description="Leave the endpoint of a run that is superseded or removed."),
    ] = False
    role: Annotated[
        str | None,
        Role.CIRCUMSTANCE,
        Field(description="The role that the job runs as; the stack's by default."),
    ] = None
    output: Annotated[
        str | None,
        Role.CIRCUMSTANCE,
        Field(description="s3:// location for what the job writes, at most 512 characters."),
    ] = None
    kms_key: Annotated[
        str | None,
        Role.CIRCUMSTANCE,
        Field(
            pattern=_KEY, description="Key that encrypts the output; the stack's by default."
        ),
    ] = None
    volume_kms_key: Annotated[
        str | None,
        Role.CIRCUMSTANCE,
        Field(pattern=_KEY, description="Key that encrypts the volumes of the job."),
    ] = None
    encrypt_traffic: Annotated[
        bool | None,
        Role.CIRCUMSTANCE,
        Field(description="Encrypt what the containers of the job say to each other."),
    ] = None
    vpc: Annotated[
        Vpc | None, Role.CIRCUMSTANCE, Field(description="The network that the job runs in.")
    ] = None
    accept_eula: Annotated[
        bool,
        Role.POLICY,
        Field(description="Accept the licence of a base model that asks for it."),
    ] = False


def wire_value(value: bool | int | float | str) -> str:
    """A hyperparameter as the service takes it: `5`, `0.000001`, `1e-20`; never a `+`."""
    if isinstance(value, bool) or not isinstance(value, float):
        return str(value)
    if value.is_integer():
        return str(int(value))
    plain = f"{Decimal(repr(value)):f}"
    return plain if len(plain) <= _VALUE_LIMIT else repr(value)


def content_type_of(config: AutopilotFields, location: str) -> str:
    """What the data at a location is: what is written, else what its ending says; "" for neither.

    A prefix, which has no ending, is taken for CSV: that is the service's own default.
    """
    if config.content_type is not None:
        return config.content_type
    key = location.partition("://")[2].partition("/")[2]
    _, dot, ending = key.rpartition("/")[2].lower().rpartition(".")
    return _ENDINGS.get(ending, "") if dot else CSV
