"""The rules that the rows of one file are held to."""

from nvx.data.formats import NOVA, OPEN, Format, format_of, guess_family


class RowRules:
    """The format of one file's rows; who does not say the model family gets it guessed.

    The first row that can be read decides the guess, so a file that mixes two forms is wrong
    from its first row of the other form.
    """

    def __init__(self, technique: str | None, family: str | None) -> None:
        self.technique = technique
        self._family = family

    def format_for(self, row: object) -> Format:
        """The format that holds, given a row to guess it from."""
        if self._family is None:
            self._family = guess_family(self.technique, row)
        return format_of(self.technique, self._family)

    def check(self, row: object) -> None:
        """Raise RowError when the row is wrong."""
        known = self.format_for(row)
        if not known.surely_right(row):
            known.check(row)

    def structured(self) -> str:
        """The format in words when it needs lists and objects, which a table cannot hold."""
        family = self._family or (NOVA if self.technique == "rlvr" else OPEN)
        if self.technique is None or (family == OPEN and self.technique != "rlvr"):
            return ""
        return format_of(self.technique, family).described
