"""All that is measured of what a reader reads, in one command.

    python -m bench.quality --data DIR [--part dev] [--no-model] [--model MODEL] [--papers N] [--archive FILE]
                            [--days FEED FEED]

reads `scitldr-PART.jsonl` and `csabstruct-PART.jsonl`, and, where they are there, the files of the ranking
bench: roles, the extractive one-sentence summary, the grounding test, then the program as it is run by a
reader (`bench.black_box`), then keywords and relevance. The last line is for programs.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from bench import black_box, extract, grounding, roles

DEFAULT_MODEL = "smollm2-135m-instruct"


def measure_ranking(data: Path, part: str, days: list[Path] | None) -> dict[str, float]:
    """Measure keywords and relevance, where their files are; see `bench.ranking` for more."""
    from bench import keywords, relevance
    from digest.models import find_embedder, sha256_of
    from digest.ranking.embed import SentenceTransformerEmbedder

    folder = find_embedder(None)
    embedder = SentenceTransformerEmbedder(folder, sha256_of(folder / "model.safetensors"))
    found: dict[str, float] = {}
    if all((data / f"keywords-{name}-{part}.jsonl").is_file() for name in keywords.SETS):
        found |= keywords.measure(data, part, embedder, baselines=0)
    if days and (data / "relevance-pools.jsonl").is_file():
        first, second = days
        found |= relevance.measure(data, part, (first, second), embedder)
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--part", default="dev")
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--no-model", action="store_true", help="the extractive part alone")
    parser.add_argument("--papers", type=int, help="so many for the model (default: all)")
    parser.add_argument("--archive", type=Path, help="where the model's summaries are kept")
    parser.add_argument("--days", type=Path, nargs=2, metavar=("A", "B"), help="two feeds, for relevance")
    asked = parser.parse_args()
    abstracts = asked.data / f"scitldr-{asked.part}.jsonl"

    role = roles.evaluate(asked.data / f"csabstruct-{asked.part}.jsonl")
    print(
        f"\nRoles: micro F1 {role.micro:.1f}, macro F1 {role.macro:.1f}, {role.ms_per_sentence:.2f} ms each"
    )
    own = extract.evaluate(abstracts)
    print(f"Extractive tldr: ROUGE {own.r1:.1f} / {own.r2:.1f} / {own.rl:.1f}, {own.ms_per_abstract:.1f} ms")
    table = grounding.evaluate(abstracts, meaning=grounding.default_meaning())
    print(f"\n{table}")
    shown = black_box.measure(
        abstracts, model=None if asked.no_model else asked.model, papers=asked.papers, archive=asked.archive
    )
    black_box.print_table(shown)
    for name, value in measure_ranking(asked.data, asked.part, asked.days).items():
        print(f"{name}: {value:.1f}")
    last = list(shown.values())[-1]
    figures = {
        "extract_r1": own.r1,
        "extract_r2": own.r2,
        "extract_rl": own.rl,
        "shown_r1": last.r1,
        "role_micro": role.micro,
        "role_macro": role.macro,
        "caught_facts": table.caught_facts,
        "caught_all": table.caught_all,
        "false_alarms": table.false_alarms,
    }
    counts = f"ungrounded={sum(len(each.ungrounded) for each in shown.values())}"
    print("QUALITY", *(f"{name}={value:.1f}" for name, value in figures.items()), counts)


if __name__ == "__main__":
    main()
