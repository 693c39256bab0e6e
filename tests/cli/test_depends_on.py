from __future__ import annotations

from support.project import Project


def test_what_depends_on_another_block_alone_starts_after_it(quickstart: Project) -> None:
    quickstart.edit(
        "stacks/quickstart/quickstart.toml",
        'method      = "sft"',
        'method      = "sft"\ndepends_on  = ["evaluator.exact"]',
    )
    ended = quickstart.nvx("apply", "--local", "--yes", "--json")
    assert ended.code == 0, ended
    done = [event["address"] for event in ended.events if event["event"] == "step_done"]
    assert done.index("evaluator.exact") < done.index("fine_tune.conversions")
