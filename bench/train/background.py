"""Count how words behave in abstracts: makes `src/digest/ranking/words/background.tsv`.

    python -m bench.train.background --data DIR

reads `scitldr-train.jsonl` (SciTLDR, Cachola et al. 2020) and `csabstruct-train.jsonl` (CSAbstruct, Cohan et
al. 2019) from DIR, both Apache-2.0, and nothing else: 3,616 abstracts. No keyword takes part. Only counts
ship: words and phrases of two or three words that stand in a few abstracts at least.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

from digest.ranking.background import guess_ends, smooth
from digest.ranking.candidates import AFTER_VERBS, BEFORE_VERBS, BREAKS, Token, tokenize
from digest.resources import resource

OUT = resource("src") / "digest" / "ranking" / "words" / "background.tsv"
FEWEST_WORD = 3
FEWEST_PHRASE = 3
LONGEST = 40
VERB_GUESS, BEGINS_GUESS = 0.1, 0.6


def read_abstracts(folder: Path) -> list[str]:
    """Return the abstracts of both sets."""
    texts: list[str] = []
    for name, key in (("scitldr-train.jsonl", "source"), ("csabstruct-train.jsonl", "sentences")):
        lines = (folder / name).read_text("utf-8").splitlines()
        texts += [" ".join(json.loads(line)[key]) for line in lines]
    return texts


def count(texts: list[str]) -> list[str]:
    """Return the table's lines."""
    documents: Counter[str] = Counter()
    phrases: Counter[str] = Counter()
    total: Counter[str] = Counter()
    verbs: Counter[str] = Counter()
    begins: Counter[str] = Counter()
    ends: Counter[str] = Counter()
    casing: dict[str, Counter[str]] = {}
    nothing = Token(".", ".", is_word=False, plain=False)
    for text in texts:
        tokens = tokenize("", text)
        documents.update({token.lower for token in tokens if token.is_word})
        stops = [not token.is_word or token.lower in BREAKS for token in tokens]
        for i, token in enumerate(tokens):
            if not token.is_word:
                continue
            before = tokens[i - 1] if i else nothing
            after = tokens[i + 1] if i + 1 < len(tokens) else nothing
            word = token.lower
            total[word] += 1
            verbs[word] += before.lower in BEFORE_VERBS or after.lower in AFTER_VERBS
            begins[word] += not before.is_word or before.lower in BREAKS
            ends[word] += not after.is_word or after.lower in BREAKS
            if token.plain:
                casing.setdefault(word, Counter())[token.text] += 1
        for size in (2, 3):
            phrases.update(
                {
                    " ".join(token.lower for token in tokens[i : i + size])
                    for i in range(len(tokens) - size + 1)
                    if not any(stops[i : i + size])
                }
            )
    lines = [f"# {len(texts)} abstracts"]
    for word, number in sorted(documents.items()):
        if number >= FEWEST_WORD and len(word) <= LONGEST and not word[0].isdigit():
            usual = casing[word].most_common(1)[0][0] if word in casing else word
            shares = (
                smooth(verbs[word], total[word], VERB_GUESS),
                smooth(begins[word], total[word], BEGINS_GUESS),
                smooth(ends[word], total[word], guess_ends(word)),
            )
            lines.append("\t".join([usual, str(number), *(str(round(100 * share)) for share in shares)]))
    lines += [
        f"{phrase}\t{number}"
        for phrase, number in sorted(phrases.items())
        if number >= FEWEST_PHRASE and len(phrase) <= LONGEST
    ]
    return lines


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=OUT)
    arguments = parser.parse_args()
    lines = count(read_abstracts(arguments.data))
    arguments.out.write_text("\n".join(lines) + "\n", "utf-8")
    print(f"{arguments.out}: {len(lines)} lines, {arguments.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
