"""Loops, cuts, and the wrong language."""

from __future__ import annotations

import random
import re

from bench.grounding_cases.papers import Case, Paper, is_chinese
from bench.grounding_cases.pool import Plant, Pool


def _loop(text: str, paper: Paper, rng: random.Random, _: Pool) -> str | None:
    del paper
    bare = text.rstrip(".。")
    if is_chinese(text):
        return rng.choice(
            (
                f"{bare}，{bare[-9:]}，{bare[-9:]}，{bare[-9:]}。",
                f"{bare}{'模型' * 6}。",
                f"{bare}。{bare}。{bare}。",
            )
        )
    words = bare.split()
    tail = " ".join(words[-rng.randrange(3, 8) :])
    return rng.choice(
        (
            f"{bare}, {tail}, {tail}, {tail}.",
            f"{bare}. {bare}.",
            f"{bare} and and and and {tail} {tail} {tail}.",
            f"{bare} {' '.join([words[-1]] * 8)}.",
        )
    )


def _cut(text: str, paper: Paper, rng: random.Random, _: Pool) -> str | None:
    del paper
    if is_chinese(text):
        return (
            None if "。" in text[:-1] else text[: rng.randrange(len(text) // 2, len(text) - 3)].rstrip("。，")
        )
    words = text.split()
    if re.search(r"[.!?] ", text) or len(words) < 9:
        return None
    return " ".join(words[: rng.randrange(len(words) // 2, len(words) - 2)]).rstrip(".,;")


_FOREIGN = (
    ("en", "Diese Arbeit stellt ein neues Verfahren vor, das die Ergebnisse deutlich verbessert."),
    ("en", "Cet article présente une nouvelle méthode qui améliore les résultats sur plusieurs tâches."),
    ("en", "Este trabajo presenta un nuevo método que mejora los resultados en varias tareas."),
    ("en", "В этой работе предлагается новый метод обучения нейронных сетей."),
    ("en", "この論文では、新しい学習手法を提案し、その有効性を示す。"),
    ("en", "本文提出一种新的学习方法，并通过实验验证了其有效性。"),
    ("zh", "この論文では、新しい学習手法を提案し、その有効性を示す。"),
)


def wrong_language(text: str, paper: Paper, rng: random.Random) -> Case:
    """Return a text in another language than was asked for."""
    if rng.random() < 0.6:
        language = (
            "en"
            if is_chinese(text)
            else rng.choice(["zh", "zh", "German", "Japanese", "French", "Russian", "Spanish"])
        )
        return Case(paper.id, "wrong language", text, language, honest=False)
    language, other = rng.choice(_FOREIGN)
    return Case(paper.id, "wrong language", other, language, honest=False)


FORM_PLANTS: dict[str, Plant] = {
    "loop": _loop,
    "cut off, as the engine says": _cut,
    "cut off, unsaid": _cut,
}
