"""What the reader said of papers: one verdict for each, the last one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from digest.paper import Paper
from digest.ranking.interests import Opinion

if TYPE_CHECKING:
    from digest.archive._database import Database
    from digest.ranking.interests import Verdict


@dataclass(frozen=True, slots=True)
class Feedback:
    """The verdicts in a database; its methods are told of in `Archive`."""

    database: Database

    def add(self, paper_id: str, verdict: Verdict, at: dt.datetime) -> bool:
        """Remember a verdict on a paper that is known; return whether it is."""
        row = (verdict, at.astimezone(dt.UTC).isoformat(timespec="microseconds"), paper_id)
        changed: list[int] = []
        self.database.write(
            lambda db: changed.append(
                db.execute(
                    "INSERT INTO feedback (paper_id, verdict, at)"
                    " SELECT id, ?, ? FROM papers WHERE id = ? LIMIT 1"
                    " ON CONFLICT DO UPDATE SET verdict = excluded.verdict, at = excluded.at",
                    row,
                ).rowcount
            )
        )
        return bool(changed and changed[0])

    def all(self) -> tuple[Opinion, ...]:
        """Return every verdict, the latest first."""
        rows = self.database.connection.execute(
            "SELECT f.paper_id, f.verdict, f.at,"
            " (SELECT paper FROM papers WHERE id = f.paper_id ORDER BY version DESC LIMIT 1)"
            " FROM feedback AS f ORDER BY f.at DESC, f.paper_id"
        )
        opinions = []
        for paper_id, verdict, at, stored in rows:
            paper = msgspec.json.decode(stored, type=Paper) if stored else None
            text, title = (paper.text, paper.title) if paper else ("", "")
            opinions.append(Opinion(paper_id, text, verdict, dt.datetime.fromisoformat(at), title))
        return tuple(opinions)

    def forget(self, paper_id: str) -> bool:
        """Remove the verdict on a paper; return whether there was one."""
        changed: list[int] = []
        self.database.write(
            lambda db: changed.append(
                db.execute("DELETE FROM feedback WHERE paper_id = ?", (paper_id,)).rowcount
            )
        )
        return bool(changed and changed[0])
