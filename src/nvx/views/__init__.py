"""Text and JSON out of core data."""
