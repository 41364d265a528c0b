"""Where a recipe is: shipped, by its name, or a YAML file of somebody's own."""

from pathlib import Path

from training.data_recipe import DataError


def recipe_path(name_or_path: str, shipped: Path, kind: str) -> Path:
    """The file of a recipe.

    Args:
        name_or_path: the name of a shipped one, or the path of a YAML file.
        shipped: the folder of those that come with Bunri.
        kind: what to call it in the error.

    Raises:
        DataError: there is none; the message names those that are shipped.

    """
    path = Path(name_or_path)
    if path.suffix not in {".yaml", ".yml"}:
        path = shipped / f"{name_or_path}.yaml"
    if not path.is_file():
        names = ", ".join(sorted(each.stem for each in shipped.glob("*.yaml")))
        raise DataError(f"no {kind} {name_or_path!r}; shipped: {names}")
    return path
