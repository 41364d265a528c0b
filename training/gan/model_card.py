"""The model card of a generator, made from its manifest."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from inference.generator_manifest import GeneratorManifest
from inference.labels import LABELS
from training.gan.comparison import BASELINE, SINGLE, TRUNCATION
from training.gan.features import MEASURING, SECOND


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
    Target("kid_to_baseline", "KID / that of the baseline", (0.25, 0.20), "at most"),
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
{by_product:.0%}. FD-DINOv2, the advised distance, could not be computed: its weights come in no package.
Measured with

```
{measure}
```

| figure | target | measured | |
|---|---|---|---|
{targets}

| label | recognised | real photos at {side} px |
|---|---|---|
{labels}

{comparison}

Real photos under the same measures: {recognised_real:.1%} recognised, KID x 1000 {kid_real:.1f} (training against
held-out photos), classification accuracy score {recognised_real:.3f}. Precision to coverage are at best 1. The
classification accuracy score is the accuracy on real photos of a linear classifier that learned from made ones only.
Where made pictures are named more often than real ones, they show what is typical of a label and little else: see
recall. The length of latents (truncation) is chosen by these very figures, which flatters them a little.
"Authentic" is the share of pictures that are farther from their nearest training photo than that is from its own.

## How it was made

```
{command}
```

Trained on the training part of the split only (SHA-256 `{split}`), cut to the thing that is shown. The photos come from
public collections; none is part of this repository.
"""


_BASELINE: Final = """\
The baseline is the predecessor's kind of GAN, fully connected with binary cross-entropy, one for each label, trained on
the same pictures (`bunri train gan {baseline}`). What it makes:

![Ten pictures of each label by the baseline](baseline.jpg)"""

_ROWS: Final = (
    ("recognised", "labels recognised", "{:.1%}"),
    ("recognised_least", "the label recognised least", "{:.1%}"),
    ("diversity_ratio", "diversity / that of real photos", "{:.3f}"),
    ("kid", f"KID, {MEASURING}", "{:.3f}"),
    ("kid_second", f"KID, {SECOND}", "{:.3f}"),
    ("precision", "precision", "{:.2f}"),
    ("recall", "recall", "{:.2f}"),
    ("density", "density", "{:.2f}"),
    ("coverage", "coverage", "{:.2f}"),
    ("classification_accuracy_score", "classification accuracy score", "{:.3f}"),
    ("authentic", "authentic", "{:.1%}"),
    ("copies", "copies", "{:.0f}"),
)


def generator_card(manifest: GeneratorManifest, measure_command: str, baseline: str) -> str:
    """The card as Markdown; misses are stated. ``baseline`` is the name of its recipe, where one was measured."""
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
        targets="\n".join(_row(target, figures.get(target.key), manifest.side) for target in TARGETS),
        labels="\n".join(
            f"| {label.value} | {figures[f'recognised_{label.value}']:.0%} "
            f"| {figures.get(f'recognised_real_{label.value}', float('nan')):.0%} |"
            for label in LABELS
        ),
        comparison=_comparison(figures, baseline),
        kid_real=1000 * figures["kid_real"],
        recognised_real=figures["recognised_real"],
        by_product=figures["recognised_by_product"],
        command=manifest.command,
        split=manifest.data.get("split_sha256", "unknown"),
    )


def _comparison(figures: Mapping[str, float], baseline: str) -> str:
    """One table: the measures downwards, the ways of making pictures that were measured across."""
    prefixes = [key.removesuffix("kid") for key in figures if key.startswith(TRUNCATION) and key.endswith("/kid")]
    others = [
        (f"{SINGLE}/", "one candidate"),
        *((prefix, prefix[:-1]) for prefix in prefixes),
        (f"{BASELINE}/", BASELINE),
    ]
    columns = [("", "as served"), *((prefix, words) for prefix, words in others if f"{prefix}kid" in figures)]
    lines = [
        "| | " + " | ".join(words for _, words in columns) + " |",
        "|---" * (1 + len(columns)) + "|",
        *(
            f"| {words} | " + " | ".join(form.format(figures[prefix + key]) for prefix, _ in columns) + " |"
            for key, words, form in _ROWS
        ),
    ]
    if len(columns) > 1 and columns[-1][0] == f"{BASELINE}/":
        lines += ["", _BASELINE.format(baseline=baseline)]
    return "\n".join(lines)


def _row(target: Target, value: float | None, side: int) -> str:
    goal = target.goals[0] if side == 64 else target.goals[1]
    if value is None:
        return f"| {target.words} | {target.sense} {goal:g} | - | **not measured** |"
    verdict = "met" if target.met(value, goal) else "**missed**"
    return f"| {target.words} | {target.sense} {goal:g} | {value:.3g} | {verdict} |"
