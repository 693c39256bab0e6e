"""Row formats, streaming checks, hashing and the catalogue reader."""
