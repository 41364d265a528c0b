"""The disposal guides as data (label x jurisdiction x language), and the book that finds them.

``load_guides().find("battery", "kr", "ko")`` -> a :class:`Guide`. ``load_things().find("우유팩")`` -> where an
everyday thing goes.
"""

from guides.book import ANYWHERE, GuideBook, load_guides
from guides.errors import GuideError, GuideFileError, GuideMissing
from guides.schema import LANGUAGES, Guide, Headings, Language, Severity
from guides.things import Thing, ThingDisposal, ThingIndex, ThingMatch, load_things

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
    "Thing",
    "ThingDisposal",
    "ThingIndex",
    "ThingMatch",
    "load_guides",
    "load_things",
]
