"""Evaluations: one module for each type, and what the serverless ones share."""
