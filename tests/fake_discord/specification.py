"""Discord's published OpenAPI description as a judge of the bot's requests and of the fake's answers."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator

FILE: Final = Path(__file__).resolve().parents[3] / "shared" / "specs" / "discord-openapi.json"
"""Beside the repository, never in it. Where it is absent nothing is judged, and the test of it skips."""

_LARGEST_PLAIN_INTEGER: Final = 2**40


class Specification:
    """What each route takes and gives."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._components = document["components"]
        self._paths = [(_pattern(path), path, item) for path, item in document["paths"].items()]
        # Fixed paths before those with a variable in the same place.
        self._paths.sort(key=lambda each: each[1].count("{"))

    def faults(self, method: str, path: str, request: Any, status: int, answer: Any) -> list[str]:
        """What is wrong with an exchange; empty where it is as published."""
        found = next((item for pattern, _, item in self._paths if pattern.fullmatch(path)), None)
        if found is None or method.lower() not in found:
            return [f"{method} {path}: no such route"]
        operation = found[method.lower()]
        faults: list[str] = []
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" in content and request is not None:
            faults += self._judged(f"{method} {path} request", content["application/json"]["schema"], request)
        responses = operation["responses"]
        expected = responses.get(str(status))
        if expected is None:
            faults.append(f"{method} {path}: answers no {status}")
        elif answer is not None and "application/json" in expected.get("content", {}):
            schema = expected["content"]["application/json"]["schema"]
            faults += self._judged(f"{method} {path} answer", schema, answer)
        return faults

    def _judged(self, what: str, schema: dict[str, Any], value: Any) -> list[str]:
        validator = Draft202012Validator({**schema, "components": self._components})
        return [
            f"{what}: {error.json_path}: {error.message[:200]}"
            for error in validator.iter_errors(_with_text_ids(value))
        ]


@cache
def specification() -> Specification | None:
    """The one beside the repository, or None."""
    return Specification(json.loads(FILE.read_text(encoding="utf-8"))) if FILE.is_file() else None


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile("/".join("[^/]+" if part.startswith("{") else re.escape(part) for part in path.split("/")))


def _with_text_ids(value: Any) -> Any:
    """Discord takes ids as numbers too, which the description does not say."""
    if isinstance(value, dict):
        read = {key: _with_text_ids(each) for key, each in value.items()}
        if "filename" in read and isinstance(read.get("id"), int):
            # An upload is named by its place among the files.
            read["id"] = str(read["id"])
        return read
    if isinstance(value, list):
        return [_with_text_ids(each) for each in value]
    if isinstance(value, int) and not isinstance(value, bool) and value > _LARGEST_PLAIN_INTEGER:
        return str(value)
    return value
