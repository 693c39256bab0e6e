"""Data on disk: row formats, streaming scans, hashes, source trees, catalogues."""
