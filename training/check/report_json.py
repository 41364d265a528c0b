"""The report of a check as JSON: everything, for other programs."""

import math

from training.check.balance import TARGET, imbalance
from training.check.copies import NearDuplicates
from training.check.report import Report
from training.check.suspects import Mislabels
from training.photo import Photo

Json = dict[str, object]


def report_as_json(report: Report) -> Json:
    """The report as values that ``json.dumps`` takes; files are relative to the data root."""
    return {
        "photos": report.photos,
        "unreadable": [
            {"file": one.photo.path, "problem": one.problem, "detail": one.detail} for one in report.unreadable
        ],
        "small": [{"file": one.photo.path, "width": one.width, "height": one.height} for one in report.small],
        "exact_duplicates": [
            {"labels_differ": copies.labels_differ, "photos": [_photo(photo) for photo in copies.photos]}
            for copies in report.copies
        ],
        "near_duplicates": {"distance": report.distance, "pairs": [_pair(pair) for pair in report.near]},
        "balance": {
            "target": TARGET,
            "imbalance": round(imbalance(report.classes), 3),
            "labels": {
                size.label: {"sure": size.sure, "possible": size.possible, "missing": size.missing}
                for size in report.classes
            },
        },
        "padding": {
            "guess_by_direction": round(report.padding.guess, 4),
            "guess_blind": round(report.padding.blind_guess, 4),
            "labels": {
                each.label: {
                    "photos": each.photos,
                    **{direction.value: round(share, 4) for direction, share in each.shares.items()},
                }
                for each in report.padding.labels
            },
        },
        "mislabels": None if report.mislabels is None else _mislabels(report.mislabels),
    }


def _photo(photo: Photo) -> Json:
    return {"file": photo.path, "labels": list(photo.labels), "source": photo.source}


def _pair(pair: NearDuplicates) -> Json:
    return {
        "labels_differ": pair.labels_differ,
        "across_sources": pair.across_sources,
        "bits": pair.bits,
        "mirrored": pair.mirrored,
        "photos": [_photo(pair.first), _photo(pair.second)],
    }


def _mislabels(found: Mislabels) -> Json:
    return {
        "judged": found.judged,
        "agreement": None if math.isnan(found.agreement) else round(found.agreement, 4),
        "unsure": found.unsure,
        "left_out": found.left_out,
        "suspects": [
            {
                "file": one.photo.path,
                "given": one.given,
                "suggested": one.suggested,
                "score": round(one.score, 6),
            }
            for one in found.suspects
        ],
    }
