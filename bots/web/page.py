"""The page and its files, read once at the start and served from memory."""

import hashlib
import html
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bots.messages import Texts
from bots.regions import Region, every
from inference.labels import LABELS, Label

ASSETS: Final = Path(__file__).resolve().parent / "assets"
INDEX: Final = "index.html"

_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_TEXT: Final = re.compile(r"\{\{([a-z-]+)\}\}")
_ATTRIBUTE: Final = re.compile(r"\{=([a-z-]+)\}")
_REGIONS: Final = "{regions}"
_KINDS: Final = "{kinds}"
_PICTURES: Final = 4


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of the page: its bytes, its type and a tag that changes with them."""

    content: bytes
    content_type: str
    etag: str


def load_assets(folder: Path = ASSETS) -> dict[str, Asset]:
    """The files of the page by name, without the page itself."""
    files = sorted(file for file in folder.iterdir() if file.suffix in _TYPES)
    return {file.name: _asset(file) for file in files}


def load_template(folder: Path = ASSETS) -> str:
    """The page with places for its texts: ``{{key}}`` in the body, ``{=key}`` in attributes and the title."""
    return (folder / INDEX).read_text(encoding="utf-8")


def page_texts(texts: Texts, *, keeps_photos: bool = False, **arguments: int) -> dict[str, str]:
    """The texts of the page by key, for the script that switches languages in place.

    ``keeps_photos`` decides which of two things the page says about photos, under ``page-privacy``.
    """
    said = {key: texts(key, **arguments) for key in sorted(texts.keys) if key.startswith("page-")}
    said |= {f"page-label-{label.value}": texts(f"label-{label.value}") for label in LABELS}
    return said | {"page-privacy": texts("privacy-of-page-with-consent")} if keeps_photos else said


def region_texts(offered: tuple[Region, ...]) -> dict[str, str]:
    """The names of the places by key, among the texts that change with the language."""
    return {_name_key(region): region.name for region in every(offered)}


def render(template: str, texts: dict[str, str], language: str) -> str:
    """The page in one language, but for :func:`with_regions`.

    Texts in the body carry their key, so that the script finds them.
    """

    def body(match: re.Match[str]) -> str:
        key = f"page-{match[1]}"
        return f'<span data-text="{key}">{html.escape(texts[key])}</span>'

    def attribute(match: re.Match[str]) -> str:
        return html.escape(texts[f"page-{match[1]}"])

    in_body = _TEXT.sub(body, template.replace("{=lang}", language).replace(_KINDS, "".join(map(_kind, LABELS))))
    # Inside a script element only "<" could end the data, and JSON may write it as an escape.
    data = json.dumps(texts, ensure_ascii=False).replace("<", "\\u003c")
    return _ATTRIBUTE.sub(attribute, in_body).replace("{texts}", data)


def _kind(label: Label) -> str:
    """A button that asks for pictures of this kind."""
    command = f"/generate {label.value} {_PICTURES}"
    attributes = f'type="button" class="button small" data-label="{label.value}" data-command="{command}"'
    return f"<button {attributes}>{{{{label-{label.value}}}}}</button>"


def with_regions(page: str, offered: tuple[Region, ...], chosen: str) -> str:
    """A rendered page with its list of places, the chosen one selected."""
    return page.replace(_REGIONS, "".join(_entry(region, chosen) for region in offered))


def _entry(region: Region, chosen: str) -> str:
    if not region.towns:
        return _option(region, chosen)
    options = "".join(_option(each, chosen) for each in every((region,)))
    return f'<optgroup label="{html.escape(region.name)}" data-text-group="{_name_key(region)}">{options}</optgroup>'


def _option(region: Region, chosen: str) -> str:
    selected = " selected" if region.id == chosen else ""
    name = html.escape(region.name)
    return f'<option value="{region.id}" data-text="{_name_key(region)}"{selected}>{name}</option>'


def _name_key(region: Region) -> str:
    return f"page-region-{region.id}"


def _asset(file: Path) -> Asset:
    content = file.read_bytes()
    return Asset(content, _TYPES[file.suffix], hashlib.sha256(content).hexdigest()[:32])
