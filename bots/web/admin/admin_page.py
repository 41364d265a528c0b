"""The admin page in each language, made once at the start."""

import html
import json
import re
from pathlib import Path
from typing import Any, Final

from bots.messages import Texts
from inference.labels import LABELS

ASSETS: Final = Path(__file__).resolve().parent / "assets"
TEMPLATE: Final = "admin.html"

KEYS: Final = "1234567890qw"
"""The keys of the labels, in their order."""

_TEXT: Final = re.compile(r"\{\{([a-z-]+)\}\}")
_PREFIX: Final = "admin-"


def admin_texts(texts: Texts) -> dict[str, str]:
    """The words of the page by key, without their ``admin-``; of the labels too, as ``label-paper``.

    What holds a number is filled in by the script, which puts it in the place of ``{name}``.
    """
    keys = sorted(key for key in texts.keys if key.startswith(_PREFIX))
    holes = {name: f"{{{name}}}" for name in ("count", "total", "label", "name", "percent", "low", "high", "photos")}
    said = {key.removeprefix(_PREFIX): texts(key, **holes) for key in keys}
    return said | {f"label-{label.value}": texts(f"label-{label.value}") for label in LABELS}


def render(template: str, texts: dict[str, str], language: str, setup: dict[str, Any]) -> str:
    """The page in one language; ``setup`` is what its script begins with beside the texts."""
    page = _TEXT.sub(lambda match: html.escape(texts[match[1]]), template.replace("{=lang}", language))
    # Inside a script element only "<" could end the data, and JSON may write it as an escape.
    data = json.dumps({**setup, "language": language, "texts": texts}, ensure_ascii=False).replace("<", "\\u003c")
    return page.replace("{setup}", data)


def label_keys() -> list[dict[str, str]]:
    """Each label with the key that stands for it: ``{"label", "key"}``."""
    return [{"label": label.value, "key": key} for label, key in zip(LABELS, KEYS, strict=True)]
