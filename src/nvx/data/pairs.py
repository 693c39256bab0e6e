"""Rows of Autopilot's text generation: a prompt and its answer, and nothing else."""

from nvx.data.shapes import RowError, expect_key, expect_object, expect_text

COLUMNS = ("input", "output")


def check_pair(row: object) -> None:
    """Exactly `input` and `output`, both text."""
    found = expect_object(row, ())
    for name in COLUMNS:
        expect_text(expect_key(found, name, ()), (name,))
    extra = sorted(key for key in found if key not in COLUMNS)
    if extra:
        raise RowError((extra[0],), "only input and output are allowed")
