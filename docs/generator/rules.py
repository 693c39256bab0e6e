"""The page of rules: what nvx refuses or warns of before money is spent, by number."""

from __future__ import annotations

from collections.abc import Sequence

from generator.markdown import NOTE, table
from nvx.kinds.common.rules import Rule
from nvx.kinds.evaluation import nova_recipe_rules
from nvx.kinds.evaluation import rules as evaluation_rules
from nvx.kinds.fine_tune import autopilot_rules, recipe_rules
from nvx.kinds.fine_tune import rules as fine_tune_rules

_FAMILIES: tuple[tuple[str, Sequence[Rule]], ...] = (
    ("Fine-tunes by serverless jobs", fine_tune_rules.RULES),
    ("Fine-tunes by Nova recipes", recipe_rules.RULES),
    ("Fine-tunes by Autopilot", autopilot_rules.RULES),
    ("Evaluations by serverless jobs", evaluation_rules.RULES),
    ("Evaluations by Nova recipes", nova_recipe_rules.RULES),
)


def rules_page() -> str:
    """Every rule of every family."""
    lines = [
        NOTE,
        "# Rules",
        "",
        "What nvx refuses, or warns of, before anything is sent that costs money. The number of a rule is"
        " the `code` of its diagnostic in `--json`.",
    ]
    for title, rules in _FAMILIES:
        rows = [(rule.id, rule.text, rule.source) for rule in rules]
        lines += ["", f"## {title}", "", *table(("rule", "what it says", "source"), rows)]
    return "\n".join(lines) + "\n"
