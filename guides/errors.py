"""What can go wrong with guides, as types with fields; words for people are made at the edge."""

from pathlib import Path


class GuideError(Exception):
    """The root of everything that ``guides`` raises on purpose."""


class GuideMissing(GuideError):
    """No guide is written for this label in this language, here or in any place further out.

    Attributes:
        label: the label asked for.
        jurisdiction: the jurisdiction asked for.
        language: the language asked for.
        tried: the jurisdictions that were looked at, nearest first.

    """

    def __init__(self, label: str, jurisdiction: str, language: str, tried: tuple[str, ...]) -> None:
        super().__init__(f"no guide for {label} in {language}; looked in {', '.join(tried) or 'nothing'}")
        self.label = label
        self.jurisdiction = jurisdiction
        self.language = language
        self.tried = tried


class GuideFileError(GuideError):
    """A guide file cannot be used.

    Attributes:
        file: the file.
        field: the place in it, such as ``ko.steps[2].text``, or empty for the file as a whole.
        problem: what is wrong there.

    """

    def __init__(self, file: Path, field: str, problem: str) -> None:
        where = f"{file}: {field}" if field else str(file)
        super().__init__(f"{where}: {problem}")
        self.file = file
        self.field = field
        self.problem = problem
