"""Which of Bunri's languages a resident reads, from what their browser or platform says."""

from typing import Final

from guides import LANGUAGES, Language

_FOREIGN: Final[Language] = "en"
"""For readers of neither language: the likelier of the two to be understood."""


def known_language(tag: str | None) -> Language | None:
    """The language of a tag such as ``ko``, ``ko-KR`` or ``en_GB``; None when Bunri does not speak it."""
    primary = (tag or "").replace("_", "-").split("-")[0].strip().lower()
    return next((language for language in LANGUAGES if language == primary), None)


def preferred_language(accept_language: str | None, default: Language) -> Language:
    """The best language for an ``Accept-Language`` header (RFC 9110, 12.5.4).

    A reader of neither Korean nor English gets English; ``default`` is for those who state nothing.
    """
    stated = [_weighted(part) for part in (accept_language or "").split(",") if part.strip()]
    wanted = [tag for weight, tag in sorted(stated, key=lambda each: -each[0]) if weight > 0]
    if not wanted or wanted == ["*"]:
        return default
    return next((language for tag in wanted if (language := known_language(tag))), _FOREIGN)


def _weighted(part: str) -> tuple[float, str]:
    tag, _, quality = part.partition(";")
    name, _, number = quality.strip().partition("=")
    if name != "q":
        return 1.0, tag.strip()
    try:
        return float(number), tag.strip()
    except ValueError:
        return 0.0, tag.strip()
