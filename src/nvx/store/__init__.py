"""Where state is kept: snapshot, journal and lock."""
