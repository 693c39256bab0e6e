"""TOML stacks: read, located, expanded and checked."""
