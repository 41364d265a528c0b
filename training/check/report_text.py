"""The report of a check as text, for people: the figures, and the first few cases of each fault."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from training.check.balance import TARGET, imbalance
from training.check.copies import ExactCopies, NearDuplicates
from training.check.padding import Direction, Padding
from training.check.report import Report
from training.check.suspects import Mislabels
from training.photo import Photo

SHOWN: Final = 10
"""Cases of a fault that the text lists; the JSON has them all."""


def report_as_text(report: Report) -> str:
    """Several short sections, each with its heading."""
    sections = [
        _section(f"{len(report.unreadable)} of {report.photos} files unreadable", _unreadable(report)),
        _section(f"{len(report.small)} photos at or under 64x64", _small(report)),
        _section(_copies_heading(report.copies), (_copies_line(copies) for copies in report.copies)),
        _section(_near_heading(report), (_pair_line(pair) for pair in report.near)),
        _section(
            f"class balance (target {TARGET} photos; largest / smallest {imbalance(report.classes):.1f})",
            _balance(report),
            shown=None,
        ),
        _section("padding: share of photos with plain bars", _padding(report.padding), shown=None),
    ]
    if report.mislabels is None:
        sections.append("suspected mislabels: not looked for")
    else:
        sections.append(_section(_mislabels_heading(report.mislabels), _mislabels(report.mislabels)))
    return "\n\n".join(sections)


def _section(heading: str, lines: Iterable[str], shown: int | None = SHOWN) -> str:
    listed = list(lines)
    more = len(listed) - shown if shown is not None else 0
    kept = listed[:shown]
    if more > 0:
        kept.append(f"... and {more} more")
    return "\n".join([heading, *(f"  {line}" for line in kept)])


def _named(photo: Photo) -> str:
    return f"{photo.path} ({'|'.join(photo.labels)})"


def _unreadable(report: Report) -> Iterator[str]:
    for one in report.unreadable:
        yield f"{one.photo.path}: {one.problem}" + (f" ({one.detail})" if one.detail else "")


def _small(report: Report) -> Iterator[str]:
    for one in report.small:
        yield f"{one.photo.path}: {one.width}x{one.height}"


def _copies_heading(copies: tuple[ExactCopies, ...]) -> str:
    spare = sum(len(group.photos) - 1 for group in copies)
    differ = sum(group.labels_differ for group in copies)
    return f"exact duplicates: {spare} spare photos in {len(copies)} groups, {differ} with different labels"


def _copies_line(copies: ExactCopies) -> str:
    return " = ".join(_named(photo) for photo in copies.photos)


def _near_heading(report: Report) -> str:
    across = sum(pair.across_sources for pair in report.near)
    differ = sum(pair.labels_differ for pair in report.near)
    return (
        f"near duplicates: {len(report.near)} pairs within {report.distance} of 64 bits, "
        f"{across} across sources, {differ} with different labels"
    )


def _pair_line(pair: NearDuplicates) -> str:
    mirrored = ", mirrored" if pair.mirrored else ""
    return f"{_named(pair.first)} ~ {_named(pair.second)}: {pair.bits} bits{mirrored}"


def _balance(report: Report) -> Iterator[str]:
    width = max((len(size.label) for size in report.classes), default=0)
    for size in report.classes:
        possible = f", {size.possible} more possible" if size.possible else ""
        missing = f", {size.missing} missing" if size.missing else ""
        yield f"{size.label:<{width}} {size.sure:>6}{missing}{possible}"


def _padding(padding: Padding) -> Iterator[str]:
    width = max((len(each.label) for each in padding.labels), default=0)
    told = [direction for direction in Direction if direction is not Direction.NONE]
    yield f"{'':<{width}} " + " ".join(f"{direction.value:>12}" for direction in told)
    for each in padding.labels:
        yield f"{each.label:<{width}} " + " ".join(f"{each.shares[direction]:>12.1%}" for direction in told)
    yield (
        f"the direction alone names {padding.guess:.1%} of the labels right; "
        f"the commonest label, {padding.blind_guess:.1%}"
    )


def _mislabels_heading(found: Mislabels) -> str:
    left_out = f"; too few to judge: {', '.join(found.left_out)}" if found.left_out else ""
    unsure = f"; {found.unsure} have several possible labels and are not judged" if found.unsure else ""
    agreement = f"; the model agrees with {found.agreement:.1%}" if found.judged else ""
    return f"suspected mislabels: {len(found.suspects)} of {found.judged} photos{agreement}{unsure}{left_out}"


def _mislabels(found: Mislabels) -> Iterator[str]:
    kinds = Counter((one.given, one.suggested) for one in found.suspects)
    if kinds:
        told = ", ".join(f"{given} -> {suggested} {n}" for (given, suggested), n in kinds.most_common(SHOWN))
        yield f"most often: {told}"
    for one in found.suspects:
        yield f"{one.photo.path}: {one.given} -> {one.suggested}, score {one.score:.4f}"
