"""The votes of a file, put together by photo, on disk: a file of any length takes little memory."""

import hashlib
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import Final

from db.importing.vote import Vote

_TABLE: Final = "CREATE TABLE votes (n INTEGER PRIMARY KEY, place TEXT, item TEXT, label TEXT, annotator TEXT, at TEXT)"


class Staging:
    """Votes of one file. It lies in a file without a name, which goes with the process."""

    def __init__(self) -> None:
        self._connection = sqlite3.connect("", check_same_thread=False)
        self._connection.execute(_TABLE)
        self._digest = hashlib.sha256()
        self.votes = 0

    def add(self, vote: Vote) -> None:
        """Put it in."""
        at = vote.at.isoformat() if vote.at else None
        row = (vote.place, vote.item_id, vote.label, vote.annotator, at)
        self._digest.update("\0".join(map(str, row[1:])).encode() + b"\n")
        self._connection.execute("INSERT INTO votes (place, item, label, annotator, at) VALUES (?, ?, ?, ?, ?)", row)
        self.votes += 1

    @property
    def digest(self) -> str:
        """The same for the same votes in the same order, 64 hexadecimal digits."""
        return self._digest.hexdigest()

    def items(self) -> Iterator[list[Vote]]:
        """All votes on one photo together, by id."""
        rows = self._connection.execute("SELECT place, item, label, annotator, at FROM votes ORDER BY item, n")
        for _, votes in groupby(rows, key=lambda row: str(row[1])):
            yield [
                Vote(place, item, label, annotator, datetime.fromisoformat(at) if at else None)
                for place, item, label, annotator, at in votes
            ]

    def close(self) -> None:
        """Let go of it."""
        self._connection.close()
