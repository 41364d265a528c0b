"""Which models answer, by name and version."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ModelNames:
    """The models that answer.

    Attributes:
        model: name and version of the classifier.
        backend: the engine that it runs on.
        generator: name and version; None where there is none.

    """

    model: str
    backend: str
    generator: str | None
