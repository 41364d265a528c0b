"""A model in use: it is closed once nobody works with it any more, while its successor answers already."""

from concurrent.futures import ThreadPoolExecutor

from inference.classifier import Classifier
from inference.generation import PictureGenerator
from inference.lane import lane_of
from inference.model_names import ModelNames
from inference.observer import Observer
from inference.usage import Usage


class ServingModel:
    """A classifier, a generator, the photos' way through them, and who uses them."""

    def __init__(
        self,
        classifier: Classifier,
        generator: PictureGenerator | None,
        threads: ThreadPoolExecutor,
        observer: Observer,
    ) -> None:
        """Take over a classifier and a generator: ``retire`` closes them."""
        self.classifier = classifier
        self.generator = generator
        self.usage = Usage()
        self.lane = lane_of(classifier, threads, observer, self.usage)

    @property
    def names(self) -> ModelNames:
        """Name and version of both, and the engine."""
        generator = None if self.generator is None else self.generator.manifest.title
        return ModelNames(self.classifier.manifest.title, self.classifier.backend.name, generator)

    def retire(self) -> None:
        """Wait until nobody uses it, then close it; blocks. No user may follow. Idempotent."""
        self.usage.wait()
        self.lane.close()
        if self.generator is not None:
            self.generator.close()
        self.classifier.close()
