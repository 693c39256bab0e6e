"""How the generated pages are written."""
