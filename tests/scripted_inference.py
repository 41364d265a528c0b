"""An Inference that says what a test tells it to say, behind the same Protocol as the real one."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from inference.answer import Classification, Decision, Hazard, LabelProbability
from inference.labels import LABELS, Label

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

    async def classify(self, image: bytes) -> Classification:
        self.seen.append(image)
        self.reached.set()
        if self.gate is not None:
            await self.gate.wait()
        said = self.answers.get(image, self.otherwise)
        if isinstance(said, Exception):
            raise said
        return said

    async def close(self) -> None:
        self.closed = True
