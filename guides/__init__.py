"""The disposal guides as data (label x jurisdiction x language), and the book that finds them.

``load_guides().find("battery", "kr", "ko")`` -> a :class:`Guide`.
"""

from guides.book import ANYWHERE, GuideBook, load_guides
from guides.errors import GuideError, GuideFileError, GuideMissing
from guides.schema import LANGUAGES, Guide, Headings, Language, Severity

__all__ = [
    "ANYWHERE",
    "LANGUAGES",
    "Guide",
    "GuideBook",
    "GuideError",
    "GuideFileError",
    "GuideMissing",
    "Headings",
    "Language",
    "Severity",
    "load_guides",
]
