"""Which language a text is in, as far as its script and its smallest words tell."""

from __future__ import annotations

import functools
import re
from collections import Counter

from digest.summarize.grounding.words import FUNCTION_WORDS, is_ordinary

_SCRIPTS = {
    "zh": re.compile(r"[\u3400-\u9fff\uf900-\ufaff]"),
    "ja": re.compile(r"[\u3040-\u30ff\u3400-\u9fff]"),
    "ko": re.compile(r"[\uac00-\ud7af\u1100-\u11ff\u3130-\u318f]"),
    "ru": re.compile(r"[\u0400-\u04ff]"),
    "ar": re.compile(r"[\u0600-\u06ff\u0750-\u077f]"),
    "el": re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]"),
    "he": re.compile(r"[\u0590-\u05ff]"),
    "hi": re.compile(r"[\u0900-\u097f]"),
    "th": re.compile(r"[\u0e00-\u0e7f]"),
    "hy": re.compile(r"[\u0530-\u058f]"),
    "ka": re.compile(r"[\u10a0-\u10ff]"),
    "bn": re.compile(r"[\u0980-\u09ff]"),
    "ta": re.compile(r"[\u0b80-\u0bff]"),
}
_TITLE_CASED = 0.6
_LEAST_TITLE = 4
_KANA = re.compile(r"[\u3040-\u30ff]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_CALLED = {
    "zh": "chinese, simplified chinese, traditional chinese, mandarin",
    "ja": "japanese",
    "ko": "korean",
    "ru": "russian, ukrainian, bulgarian, serbian, belarusian, uk, bg",
    "ar": "arabic, persian, farsi, fa, urdu, ur",
    "el": "greek",
    "he": "hebrew",
    "hi": "hindi, marathi, nepali",
    "th": "thai",
    "hy": "armenian",
    "ka": "georgian",
    "bn": "bengali",
    "ta": "tamil",
    "en": "english",
    "de": "german",
    "fr": "french",
    "es": "spanish",
    "it": "italian",
    "pt": "portuguese",
    "nl": "dutch",
    "pl": "polish",
    "sv": "swedish",
    "tr": "turkish",
    "cs": "czech",
    "da": "danish",
    "no": "norwegian",
    "fi": "finnish",
    "ro": "romanian",
    "vi": "vietnamese",
    "id": "indonesian",
    "hu": "hungarian",
}
_NAMES = {name: code for code, names in _CALLED.items() for name in names.split(", ")}
# Words that hardly any other language has.
_SMALL_WORDS = {
    "en": "the of and is are we to that this with for by from which our it its be on an as using "
    "than can not",
    "de": "der die das und ist wir mit von ein eine den dem des für auf wird werden nicht durch "
    "sich zur zum im",
    "fr": "le la les des et est nous une un du pour dans que qui sur avec par au aux ce cette sont pas",
    "es": "el la los las del y es un una que para con por se como en nuestro este esta sobre al lo",
    "it": "il lo la gli della delle dei e è un una che per con di nel si da sono questo questa non alla",
    "pt": "o os as do da dos das e é um uma que para com por em no na se este esta não ao são",
    "nl": "de het een en is van wij we met voor op dat die niet te zijn wordt door aan bij",
    "pl": "i w na z do jest się nie że dla przez oraz metoda są to jak od",
    "sv": "och att det en ett är som för på med vi av till den inte har kan från",
    "tr": "ve bir bu için ile olarak da de olan yöntem biz çok daha",
    "cs": "a je se na v že pro s do jsou který které metoda jako z",
    "da": "og at det en et er som for på med vi af til den ikke har kan fra",
    "no": "og at det en et er som for på med vi av til den ikke har kan fra",
    "ro": "și de la un o este pe cu pentru care în din nu se sunt",
    "vi": "và của là một các cho trong với được không này có những",
    "id": "dan yang di untuk dengan ini adalah pada dari tidak dalam kami",
    "hu": "a az és egy hogy nem is meg ez van mint",
    "fi": "ja on että ei se tämä menetelmä joka ovat sekä",
}
_ENGLISH = FUNCTION_WORDS | frozenset(_SMALL_WORDS["en"].split())
_SMALL = {
    code: frozenset(line.split()) - (frozenset() if code == "en" else _ENGLISH)
    for code, line in _SMALL_WORDS.items()
} | {"en": _ENGLISH}
_LANGUAGES_OF: dict[str, list[str]] = {}
for _code, _words in _SMALL.items():
    for _word in _words:
        _LANGUAGES_OF.setdefault(_word, []).append(_code)
_LEAST_SHARE = {"zh": 0.3, "ja": 0.3}
_USUAL_SHARE = 0.4
_LEAST_LATIN = 0.5
_SOME_KANA = 0.2
_MOSTLY = 0.75
_LEAST_LETTERS = 8
_LEAST_WORDS = 5
_CLEARLY_MORE = 0.05
_WORD = re.compile(r"[^\W\d_]+")


def code_of(language: str) -> str:
    """Return the code of a language given by its code or English name; unknown ones come back as they are."""
    low = language.strip().lower()
    return _NAMES.get(low, _NAMES.get(low.partition(" (")[0], low.partition("-")[0]))


@functools.lru_cache(maxsize=256)
def is_latin(text: str) -> bool:
    """Say whether a text is in Latin script, but for a few letters."""
    if text.isascii():
        return any(map(str.isalpha, text))
    letters = sum(map(str.isalpha, text))
    return len(_LATIN.findall(text)) > _MOSTLY * letters


def looks_english(text: str) -> bool:
    """Say whether a Latin text's small words are English ones; a text without any passes."""
    return is_latin(text) and all(_share(text, code) <= _share(text, "en") for code in _SMALL if code != "en")


def is_in(text: str, language: str) -> bool:
    """Say whether a text can be in a language; where nothing tells, it can."""
    code = code_of(language)
    if code in _SCRIPTS:
        return _has_script(text, code)
    letters = sum(map(str.isalpha, text))
    if code not in _SMALL or not letters:
        return True
    if len(_LATIN.findall(text)) < _LEAST_LATIN * letters:
        return False
    own = _share(text, code)
    few = len(_WORD.findall(text)) < _LEAST_WORDS
    return few or all(_share(text, other) <= own + _CLEARLY_MORE for other in _SMALL)


def _has_script(text: str, code: str) -> bool:
    letters = sum(map(str.isalpha, text))
    kana = len(_KANA.findall(text))
    if code == "zh" and kana > _SOME_KANA * letters:  # names may be in kana
        return False
    if code == "ja" and letters > 2 * _LEAST_LETTERS and not kana:
        return False
    share = len(_SCRIPTS[code].findall(text)) / max(1, letters)
    return share >= _LEAST_SHARE.get(code, _USUAL_SHARE)


def _share(text: str, code: str) -> float:
    return _shares(text).get(code, 0.0)


@functools.lru_cache(maxsize=64)
def _shares(text: str) -> dict[str, float]:
    """Return each language's share of a text's words, where it is above zero."""
    found = Counter(word.lower() for word in _WORD.findall(text))
    counts: Counter[str] = Counter()
    for word, count in found.items():
        for code in _LANGUAGES_OF.get(word, ()):
            counts[code] += count
    return {code: count / found.total() for code, count in counts.items()}


def is_title_cased(text: str) -> bool:
    """Say whether most longer words are written large, as in English titles."""
    # Names are written large everywhere: only the ordinary words tell.
    found = re.findall(r"[A-Za-z]+", text)
    long = [word for word in found if len(word) >= _LEAST_TITLE and is_ordinary(word)]
    return len(long) >= _LEAST_TITLE and sum(word[0].isupper() for word in long) > _TITLE_CASED * len(long)
