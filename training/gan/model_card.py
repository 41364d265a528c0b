"""The model card of a generator, made from its manifest."""

from dataclasses import dataclass
from typing import Final, Literal

from inference.generator_manifest import GeneratorManifest
from inference.labels import LABELS
from training.gan.features import MEASURING


@dataclass(frozen=True, slots=True)
class Target:
    """A figure, how it is called, and what it should reach at 64 and at 128 px."""

    key: str
    words: str
    goals: tuple[float, float]
    sense: Literal["at least", "at most"] = "at least"

    def met(self, value: float, goal: float) -> bool:
        """Whether the value reaches the goal."""
        return value >= goal if self.sense == "at least" else value <= goal


TARGETS: Final = (
    Target("recognised", "labels recognised, mean", (0.60, 0.80)),
    Target("recognised_least", "the label recognised least", (0.25, 0.50)),
    Target("diversity_ratio", "diversity within a label / that of real photos", (0.65, 0.80)),
    Target("copies", "copies of training photos", (0.0, 0.0), "at most"),
)

_CARD: Final = """\
# {name}

A class-conditional FastGAN of {side} px, {channels} base channels, version {version}, made {created}. It makes
pictures of the twelve labels for `/generate`: examples to look at, marked as AI-generated. They are no photos: they
show what a label's photos have in common, with melted details, and must never be used to judge what belongs where.

![Ten pictures of each label, in the order of the table below](contact.jpg)

## Figures

{pictures:.0f} pictures, made as serving makes them, beside held-out real photos at the same {side} px. Labels are
recognised by a linear classifier on {measuring} features of real training photos: neither the discriminator
nor the choice among candidates knows it. The product's classifier, which makes that choice, recognises
{by_product:.0%}. FD-DINOv2, the advised distance, could not be computed: its weights come in no package. The baseline
(the predecessor's fully connected GAN) has not been trained yet. Measured with

```
{measure}
```

| figure | target | measured | |
|---|---|---|---|
{targets}

| label | recognised | real photos at {side} px |
|---|---|---|
{labels}

| further figure | made | real, or best |
|---|---|---|
| KID x 1000, on {measuring} | {kid:.1f} | {kid_real:.1f} |
| precision / recall | {precision:.2f} / {recall:.2f} | 1 / 1 |
| density / coverage | {density:.2f} / {coverage:.2f} | 1 / 1 |
| classification accuracy score (linear, balanced) | {cas:.3f} | {recognised_real:.3f} |
| authentic (farther from training than training from itself) | {authentic:.3f} | - |

## How it was made

```
{command}
```

Trained on the training part of the split only (SHA-256 `{split}`), cut to the thing that is shown. The photos come from
public collections; none is part of this repository.
"""


def generator_card(manifest: GeneratorManifest, measure_command: str) -> str:
    """The card as Markdown; misses are stated."""
    figures = {key: value for key, value in manifest.figures.items() if isinstance(value, float)}
    return _CARD.format(
        name=manifest.name,
        side=manifest.side,
        channels=manifest.base_channels,
        version=manifest.version,
        created=manifest.created.isoformat(),
        pictures=figures["pictures"],
        measuring=MEASURING,
        measure=measure_command,
        targets="\n".join(_row(target, figures[target.key], manifest.side) for target in TARGETS),
        labels="\n".join(
            f"| {label.value} | {figures[f'recognised_{label.value}']:.0%} "
            f"| {figures.get(f'recognised_real_{label.value}', float('nan')):.0%} |"
            for label in LABELS
        ),
        kid=1000 * figures["kid"],
        kid_real=1000 * figures["kid_real"],
        precision=figures["precision"],
        recall=figures["recall"],
        density=figures["density"],
        coverage=figures["coverage"],
        cas=figures["classification_accuracy_score"],
        recognised_real=figures["recognised_real"],
        by_product=figures["recognised_by_product"],
        authentic=figures["authentic"],
        command=manifest.command,
        split=manifest.data.get("split_sha256", "unknown"),
    )


def _row(target: Target, value: float, side: int) -> str:
    goal = target.goals[0] if side == 64 else target.goals[1]
    verdict = "met" if target.met(value, goal) else "**missed**"
    return f"| {target.words} | {target.sense} {goal:g} | {value:.3g} | {verdict} |"
