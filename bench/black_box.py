"""The program as a reader runs it, scored: datasets become feeds, `digest` reads them, its JSON is judged.

    python -m bench.black_box --data DIR --part dev [--model MODEL] [--papers N] [--archive FILE]

reads `scitldr-PART.jsonl`. With a model the program runs three times over one archive, so that the model
writes only once: `--prefer model`, `extract` and `best`. An archive that is named is kept, and a run that
was stopped goes on in it.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import json
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.extract import read, rouge
from bench.facts import lacking

if TYPE_CHECKING:
    from collections.abc import Sequence

_ATOM = "http://www.w3.org/2005/Atom"
PREFERENCES = ("model", "extract", "best")


@dataclasses.dataclass(frozen=True, slots=True)
class Shown:
    """What a reader saw.

    Attributes:
        r1, r2, rl: ROUGE F1 of the one sentence, best over the references, in percent.
        papers: That were shown.
        from_model: Share of the fields that the model wrote, by name; empty without a model.
        ungrounded: Fields with a number or a name that title and abstract lack, as `paper field: what`.
        flags: How often each reason stood at a field that the model did not write, its details cut off.
    """

    r1: float
    r2: float
    rl: float
    papers: int
    from_model: dict[str, float]
    ungrounded: list[str]
    flags: Counter[str]


def write_feed(records: Sequence[dict[str, Any]], path: Path) -> None:
    """Write an Atom feed with a dataset's titles and abstracts."""
    ET.register_namespace("", _ATOM)
    feed = ET.Element(f"{{{_ATOM}}}feed")
    ET.SubElement(feed, f"{{{_ATOM}}}title").text = "A dataset"
    for record in records:
        entry = ET.SubElement(feed, f"{{{_ATOM}}}entry")
        values = {
            "id": f"urn:paper:{record['id']}",
            "title": record["title"],
            "summary": " ".join(record["source"]),
            "updated": f"{dt.datetime(2026, 1, 5, tzinfo=dt.UTC):%Y-%m-%dT%H:%M:%SZ}",
        }
        for name, text in values.items():
            ET.SubElement(entry, f"{{{_ATOM}}}{name}").text = text
    ET.ElementTree(feed).write(path, encoding="utf-8", xml_declaration=True)


def run_digest(feed: Path, folder: Path, archive: Path, options: Sequence[str]) -> list[dict[str, Any]]:
    """Run the program on a feed; return the papers of its JSON."""
    command = [sys.executable, "-m", "digest", "--feed", str(feed), "--out", str(folder), "--format", "json",
               "--archive", str(archive), "--top", "100000", "--diversity", "0", "--quiet", "--offline",
               "--date", "2026-01-05", "--config", str(folder / "config.toml"), *options]  # fmt: skip
    (folder / "config.toml").write_text("")
    subprocess.run(command, check=True)
    papers: list[dict[str, Any]] = json.loads((folder / "2026-01-05.json").read_text("utf-8"))["papers"]
    return papers


def judge(papers: Sequence[dict[str, Any]], records: Sequence[dict[str, Any]], *, model: bool) -> Shown:
    """Score what was shown against a dataset's references and abstracts."""
    by_id = {f"urn:paper:{record['id']}": record for record in records}
    scores, ungrounded, flags = [], [], Counter[str]()
    written: Counter[str] = Counter()
    for paper in papers:
        scores.append(rouge(paper["summary"]["tldr"]["text"], by_id[paper["id"]]["target"]))
        source = f"{paper['title']}\n{paper['abstract']}"
        for name, field in paper["summary"].items():
            written[name] += field["origin"] == "model"
            ungrounded += [f"{paper['id']} {name}: {fact}" for fact in lacking(field["text"], source)]
            if field["origin"] != "model":
                flags.update(flag.split(":")[0] for flag in field["flags"])
    r1, r2, rl = (float(mean) for mean in 100 * np.mean(scores, axis=0))
    shares = {name: count / len(papers) for name, count in written.items()} if model else {}
    return Shown(r1, r2, rl, len(papers), shares, ungrounded, flags)


def measure(
    path: Path, *, model: str | None = None, papers: int | None = None, archive: Path | None = None
) -> dict[str, Shown]:
    """Run the program over a dataset.

    Args:
        path: Of the form of SciTLDR.
        model: For `--local-model`; None means the abstracts' own sentences.
        papers: Only the first so many.
        archive: Kept; None means one for this run alone.

    Returns:
        What was shown, by preference; `extract` alone without a model.
    """
    records = read(path)[:papers]
    found = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        feed = folder / "feed.xml"
        write_feed(records, feed)
        for preference in PREFERENCES if model else ("extract",):
            options = ["--local-model", model, "--prefer", preference] if model else []
            shown = run_digest(feed, folder, archive or folder / "archive.sqlite", options)
            found[preference] = judge(shown, records, model=bool(model))
    return found


def print_table(found: dict[str, Shown]) -> None:
    """Print what `measure` returned."""
    print("\n| shown | ROUGE-1 | ROUGE-2 | ROUGE-L | papers | ungrounded | fields from the model |")
    print(f"| {'--- | ' * 7}")
    for preference, shown in found.items():
        shares = ", ".join(f"{name} {share:.0%}" for name, share in shown.from_model.items())
        print(
            f"| {preference} | {shown.r1:.1f} | {shown.r2:.1f} | {shown.rl:.1f} | {shown.papers} "
            f"| {len(shown.ungrounded)} | {shares or 'no model'} |"
        )
    last = list(found.values())[-1]
    for flag, count in last.flags.most_common(12):
        print(f"- {count} fields: {flag}")
    for line in last.ungrounded[:20]:
        print(f"- ungrounded: {line}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--part", default="dev")
    parser.add_argument("--model")
    parser.add_argument("--papers", type=int)
    parser.add_argument("--archive", type=Path)
    asked = parser.parse_args()
    path = asked.data / f"scitldr-{asked.part}.jsonl"
    print_table(measure(path, model=asked.model, papers=asked.papers, archive=asked.archive))


if __name__ == "__main__":
    main()
