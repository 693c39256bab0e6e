"""Evaluators: code or a prompt that gives rewards, registered in the AI registry."""
