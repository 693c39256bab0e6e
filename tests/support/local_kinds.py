"""Blocks of the kinds that make assets, and a stack for them in the local AWS."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from support.kind_desk import STACK

ACCOUNT = "000000000000"
LOCAL = replace(
    STACK,
    account=ACCOUNT,
    role=f"arn:aws:iam::{ACCOUNT}:role/nvx-local-execution",
    bucket=f"sagemaker-{STACK.region}-{ACCOUNT}",
)
FILES = {
    "rows.jsonl": '{"prompt": "2+2?", "completion": "4"}\n',
    "exact.py": "def lambda_handler(event, context):\n    return []\n",
    "tone.jinja": "{{ prompt }} {{ response }}",
}
BLOCKS: list[tuple[str, str, dict[str, Any]]] = [
    ("dataset", "", {"source": "rows.jsonl", "technique": "sft", "description": "Rows"}),
    ("evaluator", "reward_function", {"source": "exact.py", "environment": {"MODE": "x"}}),
    ("evaluator", "reward_prompt", {"source": "tone.jinja"}),
    ("model_group", "", {"description": "Models", "tags": {"team": "a"}}),
]
