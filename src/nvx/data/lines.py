"""Chunks of bytes to whole lines in bounded memory."""

from collections.abc import Iterable, Iterator

# More than the largest row that a trainer takes (a 10 MB image in base64): a bound on memory.
LONGEST_ROW = 16 * 1024 * 1024


def split_blocks(
    chunks: Iterable[bytes], *, longest: int = LONGEST_ROW
) -> Iterator[bytes | None]:
    """Blocks of whole lines, joined by newlines; None stands for one line that is too long.

    No chunk may be longer than `longest`: then only the first line of a block can be too long.
    """
    tail, dropping = bytearray(), False
    for chunk in chunks:
        end = chunk.rfind(b"\n")
        if end >= 0:
            block = b"".join((tail, memoryview(chunk)[:end]))
            yield from _block(block, longest=0 if dropping else longest)
            tail, dropping = bytearray(), False
        tail += memoryview(chunk)[end + 1 :]
        if len(tail) > longest:
            tail, dropping = bytearray(), True
        elif dropping:
            tail.clear()
    if dropping:
        yield None
    elif tail:
        yield bytes(tail)


def split_lines(
    chunks: Iterable[bytes], *, longest: int = LONGEST_ROW
) -> Iterator[bytes | None]:
    """Lines without their newlines; None stands for a line longer than `longest`."""
    for block in split_blocks(chunks, longest=longest):
        if block is None:
            yield None
        else:
            yield from block.split(b"\n")


def _block(block: bytes, *, longest: int) -> Iterator[bytes | None]:
    """The block, its first line replaced by None when that is too long; 0 means it was."""
    end = block.find(b"\n")
    first = len(block) if end < 0 else end
    if longest and first <= longest:
        yield block
        return
    yield None
    if end >= 0:
        yield block[end + 1 :]
