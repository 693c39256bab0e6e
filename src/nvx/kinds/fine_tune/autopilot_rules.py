"""The rules of fine-tunes by Autopilot, by number."""

from __future__ import annotations

from nvx.kinds.common.rules import Rule

_GUIDE = "Amazon SageMaker developer guide, AutoML job for text generation"
_MODEL = "CreateAutoMLJobV2 API"
_BOTH = f"{_GUIDE}; {_MODEL}"
_DATA = "Amazon SageMaker developer guide, data formats of LLM fine-tuning in Autopilot"
_NVX = "nvx"

RULES: tuple[Rule, ...] = (
    Rule(
        "A-01",
        "The name of a job has at most 32 characters, and no other job of the account has it in any"
        " case.",
        _BOTH,
    ),
    Rule("A-02", "There are one or two sources of data, one of them to train on.", _BOTH),
    Rule("A-03", "A single source of data is there to train on.", _GUIDE),
    Rule(
        "A-04",
        "Of two sources one is to train on and the other, not the same, to validate on.",
        _GUIDE,
    ),
    Rule(
        "A-05",
        "Both sources have one format, and every file has the columns input and output and no others.",
        f"{_BOTH}; {_DATA}",
        ("row",),
    ),
    Rule("A-06", "validation_fraction and validation_dataset exclude each other.", _GUIDE),
    Rule(
        "A-07",
        "validation_fraction is above 0 and below 1; from 0.5 on it is a warning.",
        _BOTH,
    ),
    Rule(
        "A-08",
        "Without either, the service validates on a random 0.2 of the rows: said, not judged.",
        _GUIDE,
    ),
    Rule(
        "A-09",
        "Data is CSV with a header or Parquet, not compressed, at an s3:// address.",
        _BOTH,
    ),
    Rule(
        "A-10",
        "There are four hyperparameters: epochCount 1 to 10, batchSize 1 to 64, learningRate 0 to 1,"
        " learningRateWarmupSteps 0 to 250; each has at most 16 characters when written out.",
        _BOTH,
    ),
    Rule("A-11", "A person accepts the licence of a base model that has one.", _GUIDE),
    Rule("A-12", "Text generation has no objective to choose.", _GUIDE),
    Rule(
        "A-13",
        "endpoint_name belongs to deploy = true and is one that an endpoint can have.",
        _MODEL,
    ),
    Rule("A-14", "max_candidates is 1.", _MODEL),
    Rule(
        "A-15",
        "The output location is an s3:// address of at most 512 characters.",
        _MODEL,
        ("output",),
    ),
    Rule(
        "A-16",
        "A base model that is not known to Autopilot is a warning: its list may grow.",
        _NVX,
    ),
    Rule(
        "A-17",
        "More rows than the base model takes, or more than 60 of 100 rows longer than its context,"
        " are a warning: the job would fail.",
        _DATA,
    ),
    Rule("A-18", "A region that is not known to have SageMaker Canvas is a warning.", _GUIDE),
    Rule(
        "A-19",
        "A role that IAM says may not use the JumpStart bucket of the region is a warning.",
        _GUIDE,
    ),
    Rule(
        "A-20",
        'A fixed endpoint_name needs rerun = "manual" and no keep_endpoint: the next run can have the'
        " name only after the endpoint is gone.",
        _NVX,
    ),
    Rule(
        "A-21",
        "There is a role to run as and a place to write to; tags are as AWS takes them.",
        _MODEL,
        ("missing-role", "missing-bucket", "tags"),
    ),
)
