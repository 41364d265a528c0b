"""The places a resident can choose between: those that the guides are written for."""

from collections.abc import Iterator
from dataclasses import dataclass

from bots.messages import Texts
from guides import ANYWHERE, GuideBook


@dataclass(frozen=True, slots=True)
class Region:
    """A place with rules of its own.

    Attributes:
        id: its jurisdiction in the guides, such as "kr".
        name: what the resident calls it.
        towns: the places inside it whose rules differ, by id.

    """

    id: str
    name: str
    towns: tuple["Region", ...] = ()


def regions(guides: GuideBook, texts: Texts) -> tuple[Region, ...]:
    """The countries by id, each with its towns, and "elsewhere" at the end."""
    names = guides.headings(texts.language).jurisdictions

    def region(jurisdiction: str, towns: tuple[Region, ...] = ()) -> Region:
        return Region(jurisdiction, names.get(jurisdiction, jurisdiction), towns)

    inside: dict[str, list[Region]] = {}
    for each in guides.jurisdictions:
        if each != ANYWHERE:
            # A town of a country that nobody wrote about stands for itself.
            outermost = [place for place in guides.chain(each) if place != ANYWHERE][-1]
            towns = inside.setdefault(outermost, [])
            if each != outermost:
                towns.append(region(each))
    countries = tuple(region(country, tuple(towns)) for country, towns in sorted(inside.items()))
    if ANYWHERE not in guides.jurisdictions:
        return countries
    return (*countries, Region(ANYWHERE, texts("region-elsewhere")))


def every(offered: tuple[Region, ...]) -> Iterator[Region]:
    """The regions and the towns inside them, in the order in which they are offered."""
    for region in offered:
        yield region
        yield from region.towns


def nearest_region(wanted: str, guides: GuideBook) -> str:
    """The id of the nearest place that has guides: the one wanted, the one around it, or anywhere."""
    return next(iter(guides.chain(wanted)), wanted)
