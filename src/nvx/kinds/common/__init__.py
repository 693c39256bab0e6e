"""What the variants of kinds share."""
