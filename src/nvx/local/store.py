"""Documents in SQLite, whole tables in memory, written through at commit."""

from __future__ import annotations

import base64
import binascii
import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Doc = dict[str, Any]

_TIME = "$nvx:time"
_BYTES = "$nvx:bytes"
_SEQUENCES = "_sequences"
_SCHEMA = """
create table if not exists doc (
  tab text not null, account text not null, region text not null, key text not null,
  json text not null, primary key (tab, account, region, key)
) without rowid
"""
_SCOPE = "tab = ? and account = ? and region = ?"


class Table:
    """Documents of one kind, one account and one region, by key.

    `get` and `items` give the live documents: change one, then `put` it, or the change is lost.
    """

    def __init__(self, connection: sqlite3.Connection, scope: tuple[str, str, str]) -> None:
        self._connection = connection
        self._scope = scope
        self._docs: dict[str, Doc] | None = None
        self._lent: set[str] = set()
        self._lent_all = False
        self._changed: dict[str, Doc | None] = {}

    def get(self, key: str) -> Doc | None:
        """The live document of a key, or None."""
        doc = self._loaded().get(key)
        if doc is not None:
            self._lent.add(key)
        return doc

    def put(self, key: str, doc: Doc) -> None:
        """Set the document of a key, at the next commit for good."""
        self._loaded()[key] = doc
        self._changed[key] = doc

    def delete(self, key: str) -> None:
        """Drop the document of a key; an absent key is no error."""
        if self._loaded().pop(key, None) is not None:
            self._changed[key] = None

    def items(self) -> list[tuple[str, Doc]]:
        """Every key with its live document, sorted by key."""
        docs = self._loaded()
        self._lent_all = self._lent_all or bool(docs)
        return sorted(docs.items())

    def __contains__(self, key: object) -> bool:
        return key in self._loaded()

    def __len__(self) -> int:
        return len(self._loaded())

    @property
    def is_changed(self) -> bool:
        """Whether something was put or deleted since the last commit."""
        return bool(self._changed)

    def write(self) -> None:
        """Write the changed documents; the store's commit calls this."""
        for key, doc in self._changed.items():
            if doc is None:
                self._connection.execute(
                    f"delete from doc where {_SCOPE} and key = ?",  # noqa: S608  constants only
                    (*self._scope, key),
                )
            else:
                self._connection.execute(
                    "insert or replace into doc values (?, ?, ?, ?, ?)",
                    (*self._scope, key, encode(doc)),
                )

    def settle(self) -> None:
        """Forget what was lent and changed: memory and disk agree."""
        self._lent.clear()
        self._lent_all = False
        self._changed.clear()

    def forget(self) -> None:
        """Take every document lent or changed since the last commit from disk again."""
        if self._lent_all:
            self._docs = None
        elif self._docs is not None:
            for key in self._lent | set(self._changed):
                self._reload(self._docs, key)
        self.settle()

    def _reload(self, docs: dict[str, Doc], key: str) -> None:
        row = self._connection.execute(
            f"select json from doc where {_SCOPE} and key = ?",  # noqa: S608  constants only
            (*self._scope, key),
        ).fetchone()
        if row is None:
            docs.pop(key, None)
        else:
            docs[key] = decode(row[0])

    def _loaded(self) -> dict[str, Doc]:
        if self._docs is None:
            rows = self._connection.execute(
                f"select key, json from doc where {_SCOPE}",  # noqa: S608  constants only
                self._scope,
            )
            self._docs = {key: decode(text) for key, text in rows}
        return self._docs


class Store:
    """All tables of a server. The caller holds the server's lock around every use."""

    def __init__(self, path: Path | None) -> None:
        self._connection = sqlite3.connect(
            ":memory:" if path is None else path, check_same_thread=False, isolation_level=None
        )
        if path is not None:
            self._connection.execute("pragma journal_mode = wal")
            self._connection.execute("pragma synchronous = normal")
        self._connection.execute(_SCHEMA)
        self._tables: dict[tuple[str, str, str], Table] = {}

    def table(self, name: str, account: str, region: str) -> Table:
        """The table of a kind in an account and a region ("" is global)."""
        scope = (name, account, region)
        if scope not in self._tables:
            self._tables[scope] = Table(self._connection, scope)
        return self._tables[scope]

    def scopes(self, name: str) -> list[tuple[str, str]]:
        """The (account, region) pairs that have a table of this name, sorted."""
        rows = self._connection.execute(
            "select distinct account, region from doc where tab = ?", (name,)
        )
        live = {
            scope[1:]
            for scope, table in self._tables.items()
            if scope[0] == name and len(table)
        }
        return sorted(live | {(account, region) for account, region in rows})

    def sequence(self, name: str) -> int:
        """The next number of a durable counter, from 1 on."""
        table = self.table(_SEQUENCES, "", "")
        value = int((table.get(name) or {"value": 0})["value"]) + 1
        table.put(name, {"value": value})
        return value

    def commit(self) -> None:
        """Write what changed since the last commit, in one transaction."""
        changed = [table for table in self._tables.values() if table.is_changed]
        if changed:
            self._write(changed)
        for table in self._tables.values():
            table.settle()

    def _write(self, changed: list[Table]) -> None:
        self._connection.execute("begin")
        try:
            for table in changed:
                table.write()
        except BaseException:
            self._connection.execute("rollback")
            raise
        self._connection.execute("commit")

    def rollback(self) -> None:
        """Drop what changed since the last commit, also in documents changed but not put."""
        for table in self._tables.values():
            table.forget()

    def clear(self) -> None:
        """Delete every document, at once."""
        self._connection.execute("delete from doc")
        self._tables.clear()

    def close(self) -> None:
        """Close the database; the store cannot be used any more."""
        self._connection.close()


def encode(doc: Doc) -> str:
    """A document as JSON text; datetimes and bytes are tagged."""
    return json.dumps(doc, default=_tagged, separators=(",", ":"))


def decode(text: str) -> Doc:
    """The document that was encoded."""
    doc: Doc = json.loads(text, object_hook=_untagged)
    return doc


def _tagged(value: object) -> Doc:
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return {_TIME: aware.isoformat()}
    if isinstance(value, bytes | bytearray):
        return {_BYTES: base64.b64encode(value).decode("ascii")}
    raise TypeError(f"a document cannot hold {type(value).__name__}")


def _untagged(value: Doc) -> Any:
    if len(value) != 1:
        return value
    try:
        if _TIME in value:
            return datetime.fromisoformat(value[_TIME])
        if _BYTES in value:
            return base64.b64decode(value[_BYTES], validate=True)
    except (TypeError, ValueError, binascii.Error):
        # A user's own document may hold such a member; it stays as it is.
        return value
    return value
