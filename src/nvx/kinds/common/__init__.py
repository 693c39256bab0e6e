"""What kinds share: the base of their models, marks, hub content, sources."""
