"""Scores: read back, compared and shown."""
