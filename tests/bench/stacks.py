"""Stacks to measure with, for nvx and for Terraform: as many resources, as many edges."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ACCOUNT = "000000000000"
REGION = "us-west-2"
NAME = "bench"
ROWS = 200
"""What the smallest fine-tune takes."""
ROW = (
    '{"schemaVersion": "bedrock-conversation-2024", "messages": ['
    '{"role": "user", "content": [{"text": "Convert %d km to m."}]}, '
    '{"role": "assistant", "content": [{"text": "%d000 m"}]}]}\n'
)

_HEAD = f"""\
[stack]
name    = "{NAME}"
region  = "{REGION}"
account = "{ACCOUNT}"
role    = "arn:aws:iam::{ACCOUNT}:role/nvx-local-execution"
bucket  = "sagemaker-{REGION}-{ACCOUNT}"
mlflow  = "arn:aws:sagemaker:{REGION}:{ACCOUNT}:mlflow-app/app-BENCH"
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How many of each kind. Evaluations are of fine-tunes, which are of datasets."""

    datasets: int = 0
    evaluators: int = 0
    fine_tunes: int = 0
    evaluations: int = 0
    model_groups: int = 0

    @classmethod
    def mixed(cls, resources: int) -> Size:
        """A tenth datasets, two evaluators, three fine-tunes, four evaluations."""
        tenth = resources // 10
        return cls(tenth, 2 * tenth, 3 * tenth, 4 * tenth)

    @property
    def resources(self) -> int:
        """How many blocks."""
        assets = self.datasets + self.evaluators + self.model_groups
        return assets + self.fine_tunes + self.evaluations

    @property
    def edges(self) -> int:
        """How many references: one a fine-tune, one an evaluation, and one to each evaluator."""
        return self.fine_tunes + self.evaluations + min(self.evaluators, self.evaluations)


def write_stack(folder: Path, size: Size) -> None:
    """A stack of nvx, with its data and code."""
    for below in ("data", "rewards"):
        (folder / below).mkdir(parents=True, exist_ok=True)
    for i in range(size.datasets):
        rows = "".join(ROW % (i, i) for i in range(i, i + ROWS))
        (folder / "data" / f"rows_{i}.jsonl").write_text(rows)
    for i in range(size.evaluators):
        code = f"def lambda_handler(event, context):\n    return [{{'score': {i}}}]\n"
        (folder / "rewards" / f"reward_{i}.py").write_text(code)
    (folder / "bench.toml").write_text("\n".join([_HEAD, *_blocks(size)]))


def _blocks(size: Size) -> Iterator[str]:
    for i in range(size.model_groups):
        yield f'[model_group.group_{i}]\ndescription = "Group {i}"\n'
    for i in range(size.datasets):
        yield f'[dataset.rows_{i}]\nsource = "data/rows_{i}.jsonl"\ntechnique = "sft"\n'
    for i in range(size.evaluators):
        yield (
            f'[evaluator.reward_{i}]\ntype = "reward_function"\n'
            f'source = "rewards/reward_{i}.py"\n'
        )
    for i in range(size.fine_tunes):
        yield (
            f'[fine_tune.tune_{i}]\nmethod = "sft"\nbase_model = "nova-textgeneration-lite-v2"\n'
            f'dataset = "${{dataset.rows_{i % size.datasets}}}"\nmodel_group = "models"\n'
            f"hyperparameters = {{ max_steps = {i + 10}, learning_rate = 1e-5 }}\n"
        )
    for i in range(size.evaluations):
        after = f'depends_on = ["evaluator.reward_{i}"]\n' if i < size.evaluators else ""
        yield (
            f'[evaluation.mmlu_{i}]\ntype = "benchmark"\n'
            f'model = "${{fine_tune.tune_{i % size.fine_tunes}}}"\nbenchmark = "mmlu"\n'
            f'subtasks = ["abstract_algebra", "anatomy"]\ncompare_base = true\n'
            f"max_new_tokens = {i + 10}\n{after}"
        )


def write_terraform(folder: Path, size: Size) -> None:
    """As many `terraform_data` with as many edges, which need no provider to be fetched."""
    folder.mkdir(parents=True, exist_ok=True)
    edges, blocks = size.edges, []
    for i in range(size.resources):
        # The second half refers to the first, once each and round again.
        wanted = _share(i, size.resources, edges)
        inputs = ", ".join(f"terraform_data.r{to}.id" for to in wanted)
        blocks.append(
            f'resource "terraform_data" "r{i}" {{\n  input = ["r{i}", {inputs}]\n}}\n'
        )
    (folder / "main.tf").write_text("\n".join(blocks))


def _share(i: int, count: int, edges: int) -> Iterator[int]:
    """What resource number `i` refers to, where only the second half refers, to the first."""
    half = count // 2
    if i < half:
        return
    each, more = divmod(edges, count - half)
    for step in range(each + (i - half < more)):
        yield (i - half + step) % half
