"""One file is one kind variant: model, rules, wire mapping and verbs."""
