"""Make `src/digest/ranking/reference/`: document frequencies, and vectors of usual abstracts.

    python -m bench.train.reference --data DIR

DIR holds `scitldr-train.jsonl` (Cachola et al. 2020) and `csabstruct-train.jsonl` (Cohan et al. 2019),
both Apache-2.0. The vectors come from the default embedder, as int8.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

import numpy as np

import digest.ranking
from digest.models import find_embedder, sha256_of
from digest.ranking.embed import SentenceTransformerEmbedder
from digest.ranking.lexical import stems

FOLDER = Path(digest.ranking.__file__).parent / "reference"
VECTORS = 256
RAREST = 3
SEED = 20260202


def read_abstracts(folder: Path) -> list[list[str]]:
    """Return the abstracts of each data set."""
    sources = (("scitldr-train.jsonl", "source"), ("csabstruct-train.jsonl", "sentences"))
    return [
        [" ".join(json.loads(line)[key]) for line in (folder / name).read_text("utf-8").splitlines()]
        for name, key in sources
    ]


def write_frequencies(abstracts: list[str]) -> None:
    """Count in how many abstracts a stem stands."""
    counts = Counter(stem for text in abstracts for stem in set(stems(text)))
    kept = sorted((word, count) for word, count in counts.items() if count >= RAREST)
    lines = [
        "# In how many abstracts of SciTLDR and CSAbstruct (train, Apache-2.0) a stem stands",
        str(len(abstracts)),
        *(f"{word}\t{count}" for word, count in kept),
    ]
    (FOLDER / "frequencies.tsv").write_text("\n".join(lines) + "\n", "utf-8")


def write_vectors(abstracts: list[list[str]]) -> None:
    """Embed as many abstracts of each data set."""
    folder = find_embedder(None)
    identity = sha256_of(folder / "model.safetensors")
    chosen = []
    for texts in abstracts:
        rows = np.random.default_rng(SEED).choice(len(texts), VECTORS // 2, replace=False)
        chosen += [texts[row] for row in rows]
    vectors = SentenceTransformerEmbedder(folder, identity).embed(chosen)  # (256, d)
    scale = float(np.abs(vectors).max()) / 127
    rows = np.rint(vectors / scale).astype(np.int8)
    np.savez_compressed(FOLDER / "vectors.npz", identity=np.array(identity), rows=rows)


def main() -> None:
    """Read, count, embed, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    abstracts = read_abstracts(parser.parse_args().data)
    FOLDER.mkdir(exist_ok=True)
    write_frequencies([text for texts in abstracts for text in texts])
    write_vectors(abstracts)


if __name__ == "__main__":
    main()
