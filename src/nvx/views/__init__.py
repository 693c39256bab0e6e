"""Text and JSON out of core data. Nothing here decides anything."""
