"""The passes of a command: settle, refresh, plan, apply, wait."""
