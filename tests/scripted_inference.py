"""An Inference that says what a test tells it to say, behind the same Protocol as the real one."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from inference.answer import Classification, Decision, Hazard, LabelProbability, MadePicture
from inference.errors import GenerationUnavailable
from inference.generation import GeneratedPicture
from inference.labels import LABELS, Label
from inference.marking import marked

Verdict = Classification | Exception


def verdict(
    label: Label,
    p: float = 0.97,
    *,
    decision: Decision = Decision.ANSWER,
    candidates: tuple[Label, ...] = (),
    hazards: tuple[Hazard, ...] = (),
) -> Classification:
    """A classification in which ``label`` has probability ``p``, and the next ones share most of the rest."""
    others = [each for each in (*candidates, *LABELS) if each is not label]
    rest = [LabelProbability(each, (1 - p) * share) for each, share in zip(others, (0.6, 0.3), strict=False)]
    return Classification(
        label=label,
        confidence=p,
        top=(LabelProbability(label, p), *rest),
        decision=decision,
        candidates=candidates or ((label,) if decision is Decision.ANSWER else ()),
        hazards=hazards,
        waste_score=0.02 if decision is Decision.NOT_WASTE else 0.98,
        model="scripted-1",
    )


@dataclass
class ScriptedInference:
    """Answers by the photo's bytes, else with ``otherwise``; remembers what it was shown.

    While ``gate`` is an unset event, photos wait at it: a test holds requests in flight that way.
    ``reached`` is set once a photo has come.
    """

    answers: Mapping[bytes, Verdict] = field(default_factory=dict)
    otherwise: Verdict = field(default_factory=lambda: verdict(Label.PLASTIC))
    seen: list[bytes] = field(default_factory=list)
    gate: asyncio.Event | None = None
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    closed: bool = False
    makes_pictures: bool = False
    made: list[tuple[Label, int, int]] = field(default_factory=list)

    async def classify(self, image: bytes) -> Classification:
        self.seen.append(image)
        self.reached.set()
        if self.gate is not None:
            await self.gate.wait()
        said = self.answers.get(image, self.otherwise)
        if isinstance(said, Exception):
            raise said
        return said

    async def generate(self, label: Label, count: int, seed: int) -> tuple[MadePicture, ...]:
        if not self.makes_pictures:
            raise GenerationUnavailable
        self.made.append((label, count, seed))
        return tuple(made_picture(label, seed + place) for place in range(count))

    async def close(self) -> None:
        self.closed = True


def made_picture(label: Label, seed: int) -> MadePicture:
    """A picture of one colour, of its seed, marked as real ones are."""
    pixels = np.full((64, 64, 3), (seed % 256, 100, 100), dtype=np.uint8)
    return marked(GeneratedPicture(pixels, label, seed, "scripted-gan-1"))
