"""What relabelled photos say about a model, for a terminal. Pure."""

from collections.abc import Sequence

from db.precision import ClassPrecision


def precision_lines(classes: Sequence[ClassPrecision]) -> list[str]:
    """A table, the model's name above its classes; nothing where there is no class."""
    lines: list[str] = []
    model = None
    for each in classes:
        if each.model != model:
            model = each.model
            lines.append(f"right when {model or 'a model'} said so, on relabelled photos (not the training split):")
        lines.append(f"  {each.label:<12} {each.right:>6} of {each.photos:<6} {each.precision:>6.1%}   {_random(each)}")
    return lines


def _random(each: ClassPrecision) -> str:
    """On photos that were drawn at random, the fair figure; with its 95 % interval."""
    if each.random_precision is None or each.random_interval is None:
        return "none drawn at random"
    low, high = each.random_interval
    return f"at random {each.random_right} of {each.random}, {each.random_precision:.1%} ({low:.1%} to {high:.1%})"
