"""The services of the local AWS: one handler an operation."""
