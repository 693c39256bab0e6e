from datetime import date
from importlib.resources import files

import pytest
import tomli

from nvx.data import catalogue
from nvx.data.catalogue import benchmarks, clean_subtasks, unknown_subtasks

FILES = sorted(path.name for path in files("nvx.data").joinpath("catalogue").iterdir())


@pytest.mark.parametrize("name", FILES)
def test_every_catalogue_says_its_source_and_date(name: str) -> None:
    content = tomli.loads(files("nvx.data").joinpath("catalogue", name).read_text("utf-8"))
    assert content["source"]
    assert isinstance(content["date"], date)


def test_the_counts_of_subtasks_are_the_documented_ones() -> None:
    counts = {name: len(entry.subtasks) for name, entry in benchmarks().items()}
    assert {name: count for name, count in counts.items() if count} == {
        "mmlu": 57,
        "bbh": 27,
        "math": 7,
        "strong_reject": 32,
        "mmmu": 30,
    }


def test_benchmarks_hold_what_a_request_needs() -> None:
    entry = benchmarks()["bbh"]
    assert (entry.metric, entry.strategy, entry.better, entry.scale) == (
        "accuracy",
        "fs_cot",
        "higher",
        1,
    )
    assert (entry.families, entry.serverless, entry.needs_dataset) == (
        ("nova", "open"),
        True,
        False,
    )
    assert benchmarks()["mmmu"].families == ("nova",)
    serverless = [name for name, found in benchmarks().items() if found.serverless]
    assert serverless == [
        "mmlu",
        "mmlu_pro",
        "bbh",
        "gpqa",
        "math",
        "strong_reject",
        "ifeval",
        "mmmu",
    ]


def test_every_entry_is_consistent() -> None:
    for entry in benchmarks().values():
        assert set(entry.families) <= set(catalogue.families())
        assert entry.better in ("higher", "lower")
        assert clean_subtasks(entry.subtasks) == entry.subtasks
    assert set(catalogue.aliases().values()) <= set(catalogue.known_base_models())
    assert len(set(catalogue.known_base_models())) == len(catalogue.known_base_models())


def test_subtasks_are_stripped_made_unique_and_sorted() -> None:
    assert clean_subtasks([" b", "a ", "b"]) == ("a", "b")
    assert unknown_subtasks(benchmarks()["math"], [" algebra", "algebr"]) == ("algebr",)


def test_base_models_have_aliases_families_and_regions() -> None:
    assert catalogue.base_model("amazon.nova-2-lite-v1") == "nova-textgeneration-lite-v2"
    assert catalogue.base_model("anything") == "anything"
    assert catalogue.family_of("amazon.nova-pro-v1") == "nova"
    assert catalogue.family_of("Some-NOVA-model") == "nova"
    assert catalogue.family_of("huggingface-reasoning-qwen3-4b") == "open"
    assert catalogue.regions_of("nova") == ("us-east-1", "us-west-2")


def test_facts_and_exceptions_are_complete() -> None:
    for name, fact in catalogue.unproven().items():
        assert fact.id == name
        assert fact.choice
        assert fact.alternative
        assert fact.text.endswith(".")
        assert fact.source
    [general] = catalogue.model_exceptions()
    assert (general.service, general.member, general.value) == (
        "bedrock",
        "taskType",
        "General",
    )
