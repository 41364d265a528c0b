"""The model card of a folder of weights, made from its manifest (Mitchell et al. 2019, "Model Cards")."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from inference.manifest import ClassifierManifest


@dataclass(frozen=True, slots=True)
class Target:
    """A figure, what it should reach, and how it is called in the table."""

    key: str
    words: str
    goal: float
    better: Literal["higher", "lower"] = "higher"
    measured_by: str = "E test"

    def met(self, value: float) -> bool:
        """Whether the value reaches the goal."""
        return value >= self.goal if self.better == "higher" else value <= self.goal


TARGETS: Final = (
    Target("test_top1", "top-1, 12 labels, grouped test split", 0.96),
    Target("test_macro_f1", "macro-F1, same photos", 0.95),
    Target("test_ece", "expected calibration error (15 bins)", 0.03, "lower"),
    Target("test_accuracy_at_90_coverage", "right among the surest 90 %", 0.98),
    Target("test_battery_warned", "battery hazard shown, of batteries", 0.99),
    Target("nonwaste_auroc", "AUROC waste / not waste", 0.98),
    Target("strangers_top1", "top-1 on strangers' photos, sources never trained on", 0.85, measured_by="E strangers"),
    Target("backends_agree", "same top-1 on OpenVINO int8 and torch fp32", 0.995, measured_by="bunri weights pack"),
)


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"


def targets_table(manifest: ClassifierManifest) -> str:
    """The table of targets as Markdown, misses stated."""
    lines = ["| figure | target | measured | |", "|---|---|---|---|"]
    for target in TARGETS:
        value = manifest.figures.get(target.key)
        if not isinstance(value, float):
            lines.append(f"| {target.words} | {_percent(target.goal)} | not measured | **missed** |")
            continue
        sign = "at least" if target.better == "higher" else "at most"
        verdict = "met" if target.met(value) else "**missed**"
        lines.append(f"| {target.words} | {sign} {_percent(target.goal)} | {_percent(value)} | {verdict} |")
    return "\n".join(lines)


def figures_table(manifest: ClassifierManifest) -> str:
    """Every figure of the manifest as Markdown."""
    lines = ["| figure | value |", "|---|---|"]
    for key, value in manifest.figures.items():
        lines.append(f"| `{key}` | {value:g} |" if isinstance(value, float) else f"| `{key}` | {value} |")
    return "\n".join(lines)


_CARD: Final = """\
# {name}

{architecture}, {side} px, 12 waste labels and a score for "is it waste at all". Version {version}, made {created}.

## What it is for

Telling a resident which of twelve waste classes a photo shows, beside the disposal guide of that class. It is not
for counting, for policing, or for deciding anything about a person. It may be wrong: the product asks where it is
unsure, and warns of batteries at a low threshold.

## Figures

{targets}

Test split: photos of the same sources as the training photos, near-duplicates and other views of one object kept on
one side. Strangers: whole sources (other phones, other tables, other people) that neither trained nor tuned
anything. They are mostly plastic bottles, batteries, clothes and shoes, without any cardboard, paper or trash, so
that the mean recall over their labels (`strangers_macro_recall`) counts as much as their top-1. Measured with

```
{measure}
```

All figures:

{figures}

Temperature {temperature:.3f}; thresholds: answer {answer:.3f}, candidate {candidate:.3f}, waste {waste:.3f},
battery hazard {hazard:.3f}: fitted on the validation split by the command below, not typed in.

## How it was made

```
{command}
```

Training photos by part: {counts}. Split SHA-256 `{split}`. The photos come from public collections of product
pictures and phone photos, several without a stated licence; they are not part of this repository. Some labels in
them are wrong (the data check lists the suspects), and their test figures bear that noise.

## Limits

Photos of one thing, in daylight or indoor light, are what it knows. Several things at once, things in bags, things
that are rare in shops, and glass whose colour the light hides are where it errs. It has seen few Korean packages.
"""


def model_card(manifest: ClassifierManifest, measure_command: str) -> str:
    """The card as Markdown."""
    data = manifest.data
    counts = data.get("photos")
    words = ", ".join(f"{part} {count}" for part, count in counts.items()) if isinstance(counts, dict) else "unknown"
    thresholds = manifest.thresholds
    return _CARD.format(
        name=manifest.name,
        architecture=manifest.architecture,
        side=manifest.input_side,
        version=manifest.version,
        created=manifest.created.isoformat(),
        targets=targets_table(manifest),
        measure=measure_command,
        figures=figures_table(manifest),
        temperature=manifest.temperature,
        answer=thresholds.answer,
        candidate=thresholds.candidate,
        waste=thresholds.waste,
        hazard=thresholds.hazard_battery,
        command=manifest.command,
        counts=words,
        split=data.get("split_sha256", "unknown"),
    )


_OVERVIEW: Final = """\
# The weights

{models}; `index.json` names the one that answers ({default}), `BUNRI_INFERENCE__MODEL` chooses another. Each
folder holds the int8 OpenVINO network `int8.xml` and `int8.bin`, fp16 `model.safetensors` for torch (unless packed with
`--int8-only`), a `manifest.json` with the SHA-256 of each, and a `MODEL_CARD.md` with every figure and the commands
that made and measured it. `bunri weights verify` checks them all.

{table}

Bold: missed. Figures are of the int8 networks. `bunri weights pack` measures all of them when it makes a model; `E`
stands for `bunri evaluate --split training/splits/waste.csv --root DATA --model NAME --part`, which measures again. The
figure to judge by is the one on strangers' photos: other phones, other tables, sources that never trained anything.
"""


def overview(manifests: Sequence[ClassifierManifest], default: str) -> str:
    """``weights/README.md``: the models side by side against the targets, as Markdown."""
    titles = [f"{m.name}{' (default)' if m.name == default else ''}" for m in manifests]
    lines = [f"| figure | measured by | target | {' | '.join(titles)} |", "|" + "---|" * (3 + len(titles))]
    for target in TARGETS:
        values = [manifest.figures.get(target.key) for manifest in manifests]
        cells = [
            "-" if not isinstance(v, float) else _percent(v) if target.met(v) else f"**{_percent(v)}**" for v in values
        ]
        sign = "≥" if target.better == "higher" else "≤"
        lines.append(
            f"| {target.words} | `{target.measured_by}` | {sign} {_percent(target.goal)} | {' | '.join(cells)} |"
        )
    models = "One model" if len(manifests) == 1 else f"{len(manifests)} models"
    return _OVERVIEW.format(models=models, default=f"`{default}`", table="\n".join(lines))
