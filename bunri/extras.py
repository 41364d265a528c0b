"""The optional sets of packages, and how they come in: Bunri is run from its clone and is on no index."""


def needs_extra(what: str, extra: str) -> str:
    """One sentence: what is missing, and how to mend it."""
    return f"{what}: in the folder of Bunri, pip install -c constraints.txt -e '.[{extra}]'"
