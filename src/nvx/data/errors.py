"""What data raises: a file or a catalogue entry that cannot be used."""

from nvx.core.diagnostics import NvxError


class DataError(NvxError):
    """A local file or folder cannot be used, in a sentence for people."""
