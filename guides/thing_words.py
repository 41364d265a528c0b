"""How names and questions are read: folding, Korean particles and phrases, English filler and plurals."""

import re
import unicodedata
from typing import Final

LONGEST_QUESTION: Final = 200
"""Characters of a question that are read; the rest is left unread."""


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


_KOREAN_PHRASE: Final = re.compile(
    "어떻|어케|어떡|어디|버려|버리|버릴|버린|분리수거|분리배출|재활용|처리|배출|알려|궁금|무슨|뭐로|뭘로|무엇|되나요|돼요"
    "|인가요|인지|하나요|하면|해야|나요|해줘|할까|일까|맞나요|맞아요|넣어|넣나|수거|반납|무료|싶"
)
"""Where the thing ends and the asking starts, also when written without spaces."""

_KOREAN_FILLER: Final = _listed(
    "안녕 법 방법 좀 그냥 거 것 게 건 요 이거 이건 저거 집에 있는 오래된 헌 낡은 안 못 쓰는 다 쓴 쓰던 남은"
    " 어느 통에 곳 수 때 쓰레기는"
)
_PARTICLES: Final = sorted(
    _listed(
        "은 는 이 가 을 를 도 랑 이랑 하고 과 와 의 에 요 이요 들 들은 들을 좀 만 까지 이나 나 이란 란"
        " 은요 는요 이야 인데 이에요 예요"
    ),
    key=lambda each: (-len(each), each),
)
"""The longest first, so that "은요" is not taken for "요"."""

_ENGLISH_FILLER: Final = _listed(
    "how do does did i we you to a an the my our your this that these those of off away out in into on at for with"
    " from and or throw throwing toss dispose disposing disposal recycle recycling recyclable recycled bin bins put"
    " get rid go goes where what which when is are am be should would could may must please about some any old used"
    " empty unwanted it its sort separate discard trash them there one need want help tell me know way garbage"
    " guide korea test"
)
_IS_IT: Final = re.compile("(인가요|인지|일까|맞나요|맞아요)")
_WASTE_KIND: Final = _listed("음식물 일반 재활용")
"""What stands before "쓰레기인가요?": the guess of the one who asks, not the thing."""

_CAN_ASKED: Final = re.compile(r"\bcan (?=i\b|we\b|you\b|this\b|these\b|it\b|the\b|a\b|an\b|my\b)")
_NOT_PLURAL: Final = ("ss", "us", "is", "as", "os")
_IRREGULAR: Final = {
    "knives": "knife",
    "shelves": "shelf",
    "leaves": "leaf",
    "toothbrushes": "toothbrush",
    "clothes": "clothes",
    "shoes": "shoe",
    "batteries": "battery",
    "dishes": "dish",
    "cds": "cd",
    "dvds": "dvd",
    "pcs": "pc",
    "potatoes": "potato",
    "tomatoes": "tomato",
    "skis": "ski",
    "photos": "photo",
    "videos": "video",
}


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text: NFKC, folded case, without punctuation. Never raises."""
    folded = unicodedata.normalize("NFKC", text[:LONGEST_QUESTION]).casefold()[:LONGEST_QUESTION]
    kept = (each if each.isalnum() else "" if each in "'\u2019" else " " for each in folded)
    return tuple("".join(kept).split())


def is_korean(text: str) -> bool:
    return any("가" <= each <= "힣" or "ㄱ" <= each <= "ㅣ" for each in text)


def singular(word: str) -> str:
    """An English word without the ending of the plural; others unchanged."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if not word.isascii() or len(word) < 4 or not word.endswith("s") or word.endswith(_NOT_PLURAL):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "xes", "sses", "zes")):
        return word[:-2]
    return word[:-1]


def key_of(words: tuple[str, ...]) -> str:
    """What two spellings of one name share: words joined without spaces, English in the singular."""
    return "".join(singular(each) for each in words)


def jamo_of(key: str) -> str:
    """A key with Hangul taken apart into letters, so that one wrong letter is one wrong letter."""
    return unicodedata.normalize("NFD", key)


def without_particle(word: str) -> str:
    """A Korean word without the particle at its end; at least one syllable stays."""
    for particle in _PARTICLES:
        if word.endswith(particle) and len(word) > len(particle):
            return word[: -len(particle)]
    return word


def readings_of(text: str) -> tuple[tuple[str, ...], ...]:
    """The ways to read a question as the name of a thing, the most literal first, without repeats."""
    words = words_of(text)
    asked = _without_asking(words)
    bare = tuple(each for each in asked if each not in _KOREAN_FILLER)
    readings = [words, asked, bare]
    readings.extend((*each[:-1], without_particle(each[-1])) for each in (asked, bare) if each and is_korean(each[-1]))
    if len(bare) > 1:
        readings.append(tuple(without_particle(each) if is_korean(each) else each for each in bare))
    return tuple(dict.fromkeys(each for each in readings if each))


def meanings_of(text: str) -> tuple[tuple[str, ...], ...]:
    """The readings in which nothing is left of the asking; empty if there was nothing else."""
    bare = tuple(each for each in _without_asking(words_of(text)) if each not in _KOREAN_FILLER)
    if not bare:
        return ()
    stemmed = tuple(without_particle(each) if is_korean(each) else each for each in bare)
    return tuple(dict.fromkeys((bare, (*bare[:-1], stemmed[-1]), stemmed)))


def _without_asking(words: tuple[str, ...]) -> tuple[str, ...]:
    english = _CAN_ASKED.sub("", " ".join(words)).split()
    kept: list[str] = []
    for word in english:
        if word in _ENGLISH_FILLER:
            continue
        asking = _KOREAN_PHRASE.search(word)
        stem = word[: asking.start()] if asking else word
        if _IS_IT.search(word) and any(each not in _KOREAN_FILLER for each in kept):
            if len(kept) > 1 and kept[-1] in _WASTE_KIND:
                kept.pop()
            continue
        if stem:
            kept.append(stem)
    return tuple(kept)
