"""The files of docker/, read: instructions of the Dockerfile, compose files as compose reads them, manifests."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from tests.conftest import PROJECT_ROOT

DOCKER = PROJECT_ROOT / "docker"
DOCKERFILE = DOCKER / "Dockerfile"
COMPOSE_FILES = ("compose.yaml", "compose.gpu.yaml")
MANIFESTS = sorted(DOCKER.glob("kubernetes/*/*.yaml"))

IN_THE_IMAGE = PurePosixPath("/opt/bunri")
"""Where the clone lies in an image."""

_INTERPOLATED = re.compile(r"\$\{(\w+):-([^}]*)\}")


@dataclass(frozen=True, slots=True)
class Stage:
    """One FROM of the Dockerfile, with what follows it: (instruction, the rest of its line, joined)."""

    name: str
    parent: str
    instructions: tuple[tuple[str, str], ...]

    def every(self, instruction: str) -> list[str]:
        """What this stage says in instructions of this name."""
        return [rest for name, rest in self.instructions if name == instruction]


def stages() -> dict[str, Stage]:
    """The stages of the Dockerfile, in order."""
    found: dict[str, Stage] = {}
    for name, rest in _instructions(DOCKERFILE.read_text(encoding="utf-8")):
        if name == "FROM":
            parent, _, stage = rest.partition(" AS ")
            found[stage] = Stage(stage, parent, ())
        elif found:
            last = list(found.values())[-1]
            found[last.name] = Stage(last.name, last.parent, (*last.instructions, (name, rest)))
    return found


def lineage(stage: str) -> list[Stage]:
    """A stage behind all that it is made from, the oldest first."""
    known = stages()
    line: list[Stage] = []
    while stage in known:
        line.insert(0, known[stage])
        stage = known[stage].parent
    return line


def environment_of(stage: str) -> dict[str, str]:
    """The variables that a container of this stage starts with."""
    return dict(
        word.split("=", 1) for each in lineage(stage) for rest in each.every("ENV") for word in shlex.split(rest)
    )


def exec_form(stage: str, instruction: str) -> list[str]:
    """The words of the last ENTRYPOINT, CMD or HEALTHCHECK ... CMD that counts for this stage."""
    *_, last = [rest for each in lineage(stage) for rest in each.every(instruction)]
    words: list[str] = json.loads(last[last.index("[") :])
    return words


def build_context() -> Iterator[Path]:
    """The files that .dockerignore leaves in the build, relative to the root of the clone."""
    rules = [
        line.strip()
        for line in (PROJECT_ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    ]
    assert rules[0] == "*", "what is not named stays out"
    tops = {rule[1:].split("/")[0] for rule in rules if rule.startswith("!")}
    for top in sorted(tops):
        path = PROJECT_ROOT / top
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            relative = file.relative_to(PROJECT_ROOT)
            if file.is_file() and _stays(relative.as_posix(), rules):
                yield relative


def _stays(path: str, rules: list[str]) -> bool:
    stays = True
    for rule in rules:
        pattern = rule.removeprefix("!")
        parts = path.split("/")
        # A rule about a folder is one about all that is in it; `**/` stands for any folders, or none.
        names = parts if pattern.startswith("**/") else ["/".join(parts[: pattern.count("/") + 1])]
        if any(fnmatch(name, pattern.removeprefix("**/")) for name in names):
            stays = rule.startswith("!")
    return stays


def _instructions(text: str) -> Iterator[tuple[str, str]]:
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    for line in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        name, rest = line.split(maxsplit=1)
        yield name, rest


def read_compose(name: str, variables: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A compose file after the interpolation of ``${NAME:-default}`` and the merging of anchors."""
    chosen = variables or {}
    text = (DOCKER / name).read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.safe_load(_INTERPOLATED.sub(lambda found: chosen.get(found[1]) or found[2], text))
    return content


def services() -> dict[str, dict[str, Any]]:
    """The services of the compose file."""
    found: dict[str, dict[str, Any]] = read_compose("compose.yaml")["services"]
    return found


def manifests() -> list[tuple[str, dict[str, Any]]]:
    """Every Kubernetes object: (the file's name under docker/kubernetes, the object)."""
    return [
        (path.relative_to(DOCKER / "kubernetes").as_posix(), manifest)
        for path in MANIFESTS
        for manifest in yaml.safe_load_all(path.read_text(encoding="utf-8"))
        if manifest["kind"] != "Kustomization"
    ]


def deployments() -> dict[str, dict[str, Any]]:
    """The Deployments of the base, by name."""
    return {
        manifest["metadata"]["name"]: manifest
        for file, manifest in manifests()
        if file.startswith("base/") and manifest["kind"] == "Deployment"
    }
