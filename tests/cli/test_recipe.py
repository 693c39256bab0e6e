"""`nvx recipe`: what is printed for each platform, and what is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import yaml

from support.project import Project, project

STACK = "stacks/nova-recipes/nova-recipes.toml"


@pytest.fixture(scope="module")
def recipes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    with project(tmp_path_factory.mktemp("recipes"), "nova-recipes") as made:
        yield made


def test_a_recipe_is_printed_before_anything_is_applied(recipes: Project) -> None:
    ended = recipes.nvx("recipe", "evaluation.algebra", "--local")
    assert ended.code == 0, ended
    document = yaml.safe_load(ended.out)
    assert document["run"]["model_name_or_path"] == "nova-micro/prod"
    assert document["evaluation"]["subtask"] == "abstract_algebra,college_mathematics"
    assert list(document) == ["run", "evaluation", "inference"]


def test_hyperpod_gets_the_whole_path_of_the_rows(recipes: Project) -> None:
    both = {
        platform: yaml.safe_load(
            recipes.nvx("recipe", "evaluation.capitals", "--local", "--platform", platform).out
        )["run"]["data_s3_path"]
        for platform in ("smtj", "smhp")
    }
    assert both["smtj"] == ""
    assert both["smhp"].endswith("/gen_qa.jsonl")


def test_a_file_is_printed_as_it_is_meant(recipes: Project) -> None:
    ended = recipes.nvx("recipe", "evaluation.reasoning", "--local", "--json")
    assert ended.json["format"] == "nvx.recipe/1"
    document = yaml.safe_load(ended.json["recipe"])
    assert document["inference"]["reasoning_effort"] == "high"
    assert document["run"]["name"] == "reasoning-gpqa"


def test_a_checkpoint_is_filled_in_once_it_is_known(recipes: Project) -> None:
    before = recipes.nvx("recipe", "evaluation.learned", "--local")
    assert before.code == 1
    assert "is known once fine_tune.capitals has been" in before.err
    recipes.apply()
    after = recipes.nvx("recipe", "evaluation.learned", "--local")
    path = yaml.safe_load(after.out)["run"]["model_name_or_path"]
    assert path.startswith("s3://customer-escrow-000000000000-smtj-")


def test_a_fine_tune_has_a_recipe_too(recipes: Project) -> None:
    document = yaml.safe_load(recipes.nvx("recipe", "fine_tune.capitals", "--local").out)
    assert document["training_config"]["model"]["optim"]["lr"] == 2e-5


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("evaluation.algebr", 'Did you mean "evaluation.algebra"?'),
        ("dataset.lessons", "It has no recipe"),
        ("nonsense", "Not an address"),
    ],
)
def test_what_has_no_recipe_is_said(recipes: Project, address: str, words: str) -> None:
    ended = recipes.nvx("recipe", address, "--local")
    assert ended.code == 1
    assert words in ended.err


def test_the_rules_of_the_platform_count(recipes: Project) -> None:
    recipes.edit(
        STACK, "[evaluation.algebra]\n", "[evaluation.algebra]\nseveral_nodes = true\n"
    )
    recipes.edit(
        STACK,
        "[evaluation.algebra.evaluation]",
        "[evaluation.algebra.run]\nreplicas = 2\n\n[evaluation.algebra.evaluation]",
    )
    assert recipes.nvx("recipe", "evaluation.algebra", "--local").code == 0
    ended = recipes.nvx("recipe", "evaluation.algebra", "--local", "--platform", "smhp")
    assert ended.code == 1
    assert "several nodes are not supported on HyperPod" in ended.err
