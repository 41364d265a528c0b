"""Every word that a resident reads, from the Fluent files in ``locales/<language>/``; none is in code."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax.ast import Junk, Message

from guides import LANGUAGES, Language

LOCALES: Final = Path(__file__).resolve().parent / "locales"


class MessageError(Exception):
    """A message file is faulty, or the code asks for a message that no file holds."""


class Texts:
    """The messages in one language: ``texts("label-paper")`` -> ``"종이"``.

    An attribute of a message is written with a dot: ``texts("problem-empty.help")``.
    """

    def __init__(self, language: Language, bundle: FluentBundle, keys: frozenset[str]) -> None:
        self.language: Final = language
        self.keys: Final = keys
        self._bundle = bundle

    def __call__(self, key: str, **arguments: str | int) -> str:
        """The text of a message, its variables filled in.

        Raises:
            MessageError: no file holds the key, or a variable that its text needs was not given.

        """
        name, _, attribute = key.partition(".")
        if key not in self.keys:
            raise MessageError(f"no message {key!r} in language {self.language!r}")
        message = self._bundle.get_message(name)
        pattern = message.attributes[attribute] if attribute else message.value
        assert pattern is not None
        text, errors = self._bundle.format_pattern(pattern, arguments)
        if errors:
            raise MessageError(f"message {key!r} in language {self.language!r}: {errors[0]}")
        return str(text)


class Messages:
    """The messages in every language."""

    def __init__(self, texts: Mapping[Language, Texts]) -> None:
        self._texts = dict(texts)

    def of(self, language: Language) -> Texts:
        """The messages in one language."""
        return self._texts[language]


def load_messages(folder: Path = LOCALES) -> Messages:
    """Read the message files of every language.

    Raises:
        MessageError: a file cannot be parsed, a language has no files, or a key stands twice.

    """
    return Messages({language: _read(folder / language, language) for language in LANGUAGES})


def _read(folder: Path, language: Language) -> Texts:
    # Isolation marks would show up as odd characters on buttons; neither language is written right to left.
    bundle = FluentBundle([language], use_isolating=False)
    keys: set[str] = set()
    for file in sorted(folder.glob("*.ftl")):
        resource = FluentResource(file.read_text(encoding="utf-8"))
        for entry in resource.body:
            if isinstance(entry, Junk):
                raise MessageError(f"{file}: cannot read {(entry.content or '').strip().splitlines()[0]!r}")
            for key in _keys(entry):
                if key in keys:
                    raise MessageError(f"{file}: {key!r} stands twice")
                keys.add(key)
        bundle.add_resource(resource)
    if not keys:
        raise MessageError(f"{folder}: holds no messages")
    return Texts(language, bundle, frozenset(keys))


def _keys(entry: object) -> list[str]:
    if not isinstance(entry, Message):
        return []
    own = [entry.id.name] if entry.value is not None else []
    return own + [f"{entry.id.name}.{attribute.id.name}" for attribute in entry.attributes]
