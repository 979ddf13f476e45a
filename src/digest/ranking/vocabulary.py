"""The reader's own words: what is always shown, what never, how it is called, and how it is translated."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from digest.errors import UsageError
from digest.ranking.candidates import key_of, tokenize
from digest.text.clean import clean_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from digest.config import KeywordOptions
    from digest.ranking.candidates import Token


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the reader said about keywords.

    Attributes:
        always: Shown whenever they stand in a paper.
        never: Keys of what is not shown.
        synonyms: The form that is shown, by the key of each variant.
        variants: The form that is shown, by each variant as the reader wrote it.
        glossary: The translation, by the key of each term.
    """

    always: tuple[str, ...] = ()
    never: frozenset[str] = frozenset()
    synonyms: Mapping[str, str] = field(default_factory=dict)
    variants: Mapping[str, str] = field(default_factory=dict)
    glossary: Mapping[str, str] = field(default_factory=dict)

    def shown(self, phrase: str) -> str:
        """Return the form that the reader prefers of a phrase."""
        return self.synonyms.get(key_of(phrase), phrase)

    def is_unwanted(self, phrase: str) -> bool:
        """Say whether the reader never wants to see a phrase."""
        return key_of(phrase) in self.never

    def translated(self, phrase: str, acronym: str = "") -> str:
        """Return the glossary's term with the original behind it, or the phrase as it is."""
        term = self.glossary.get(key_of(phrase)) or (self.glossary.get(key_of(acronym)) if acronym else None)
        if term:
            return f"{term}（{acronym or phrase}）"
        return f"{phrase} ({acronym})" if acronym else phrase

    def always_in(self, tokens: Sequence[Token]) -> list[str]:
        """Return what is always shown and stands in a text, itself or a variant of it."""
        if not self.always:
            return []
        variants: dict[str, list[str]] = {term: [term] for term in self.always}
        for variant, shown in self.variants.items():
            if shown in variants:
                variants[shown].append(variant)
        return [term for term, forms in variants.items() if any(_stands_in(form, tokens) for form in forms)]


def _stands_in(phrase: str, tokens: Sequence[Token]) -> bool:
    """Say whether a phrase stands in a text: in any number and casing, but an acronym in its own casing."""
    wanted = tokenize("", phrase)
    size = len(wanted)
    if not size:
        return False
    for i in range(len(tokens) - size + 1):
        if all(_is_same(one, other) for one, other in zip(wanted, tokens[i : i + size], strict=True)):
            return True
    return False


def _is_same(wanted: Token, token: Token) -> bool:
    if wanted.text.isupper():  # "IT" is no "it"
        return token.text in (wanted.text, wanted.text + "s")
    return key_of(wanted.text) == key_of(token.text)


def build_vocabulary(options: KeywordOptions, glossary: Mapping[str, str]) -> Vocabulary:
    """Bring what the config says, and a glossary from `load_glossary`, into the form that is looked up."""
    variants = {clean_text(variant): clean_text(shown) for variant, shown in options.synonyms.items()}
    synonyms = {key_of(variant): shown for variant, shown in variants.items()}
    # "LLM = large language model" and "always LLM" means that the long form is always shown.
    always = dict.fromkeys(
        synonyms.get(key_of(term), term) for term in (clean_text(text) for text in options.always) if term
    )
    never = frozenset(key_of(clean_text(text)) for text in options.never)
    return Vocabulary(tuple(always), never, synonyms, variants, glossary)


def load_glossary(language: str, *, folders: Sequence[Path]) -> dict[str, str]:
    """Read `LANGUAGE/glossary.tsv` of all folders: a term, a tab, its translation.

    A translation that is empty takes the term out again. Lines that begin with # are comments.

    Args:
        language: As in the config.
        folders: What stands in an earlier one wins.

    Returns:
        Translations by the key of the term; none when there is no glossary for the language.

    Raises:
        UsageError: A file cannot be read, or a line is not of this form.
    """
    terms: dict[str, str] = {}
    for folder in reversed(folders):
        path = folder / language / "glossary.tsv"
        if not path.is_file():
            continue
        try:
            lines = path.read_text("utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"the glossary {path} cannot be read ({error})", "save it as UTF-8") from None
        for number, line in enumerate(lines, start=1):
            if not line.strip() or line.startswith("#"):
                continue
            term, tab, translation = line.partition("\t")
            if not tab or not term.strip():
                raise UsageError(
                    f"the glossary {path} has no tab in line {number}", "write: term, a tab, its translation"
                )
            terms[key_of(clean_text(term))] = clean_text(translation)
    return {term: translation for term, translation in terms.items() if translation}
