"""What is configured, what is missing, and exactly how to mend it: the checks behind ``bunri doctor``."""

import difflib
import importlib.metadata
import os
import platform
import re
import socket
import sys
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
from pydantic import BaseModel, ValidationError
from pydantic_settings import DotEnvSettingsSource, EnvSettingsSource, SettingsError

from bunri.admin_check import admin_check
from bunri.bot_checks import bot_checks, database_check, secret_check
from bunri.check import Check, State
from bunri.disk_check import disk_checks
from bunri.failures import setting_problems
from bunri.hosts_check import host_checks
from bunri.serve_check import serve_check
from bunri.settings import InferenceSettings, Settings, WebSettings
from bunri.vault_check import vault_checks
from inference.backends.select import choose_role, open_backend
from inference.errors import BackendUnavailable, WeightsError
from inference.generator_manifest import load_generator_manifest
from inference.manifest import load_manifest, verify_files

OLDEST_PYTHON: Final = (3, 11)
_PREFIX: Final = "BUNRI_"
_EXTRAS: Final = ("gpu", "train", "s3")


def examine() -> Iterator[Check]:
    """Look at everything, what matters most first; what hangs on settings only where they can be read."""
    yield python_check(sys.version_info[:2])
    yield Check("platform", State.OK, f"{platform.platform()}, {os.cpu_count()} cores")
    yield from (extra_check(extra) for extra in _EXTRAS)
    try:
        settings = Settings()
    except ValidationError as error:
        yield Check("settings", State.PROBLEM, "; ".join(setting_problems(error)), "change or unset them")
        return
    except SettingsError as error:
        yield Check("settings", State.PROBLEM, str(error), f"write one as in {_PREFIX}WEB__PORT=8080")
        return
    yield settings_check({*EnvSettingsSource(Settings).env_vars, *DotEnvSettingsSource(Settings).env_vars})
    if settings.inference.urls:
        yield from host_checks(settings.inference)
    else:
        yield weights_check(settings.inference)
        yield backend_check(settings.inference)
        yield generator_check(settings.inference)
    yield port_check(settings.web)
    yield serve_check(settings.serve)
    yield database_check(settings.database)
    yield secret_check(settings.database)
    yield from disk_checks(settings)
    yield from vault_checks(settings)
    yield admin_check(settings)
    yield from bot_checks(settings)


def python_check(version: tuple[int, ...]) -> Check:
    """Whether this Python is new enough."""
    found = ".".join(map(str, version))
    oldest = ".".join(map(str, OLDEST_PYTHON))
    if version >= OLDEST_PYTHON:
        return Check("python", State.OK, found)
    return Check("python", State.PROBLEM, found, f"install Python {oldest} or newer")


def setting_names(section: type[BaseModel], prefix: str = _PREFIX) -> Iterator[str]:
    """The names of all variables that set something, in capitals."""
    for name, field in section.model_fields.items():
        variable = f"{prefix}{name}".upper()
        yield variable
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from setting_names(field.annotation, f"{variable}__")


def settings_check(variables: Iterable[str]) -> Check:
    """Whether every ``BUNRI_`` variable sets something; a misspelt one is ignored in silence elsewhere."""
    known = set(setting_names(Settings))
    given = sorted(name.upper() for name in variables if name.upper().startswith(_PREFIX))
    unknown = [name for name in given if name not in known]
    if not unknown:
        return Check("settings", State.OK, f"set: {', '.join(given)}" if given else "all defaults")
    meant = [match for name in unknown for match in difflib.get_close_matches(name, known, n=1)]
    remedy = f"did you mean {', '.join(meant)}?" if meant else "unset them, or see bunri/settings.py"
    return Check("settings", State.NOTE, f"without effect: {', '.join(unknown)}", remedy)


def weights_check(settings: InferenceSettings) -> Check:
    """Whether the chosen model is there and unaltered."""
    try:
        manifest, folder = load_manifest(settings.weights, settings.model)
        files = verify_files(manifest, folder, ("openvino", "torch"))
    except WeightsError as error:
        return Check("weights", State.PROBLEM, str(error), "git checkout -- weights")
    return Check("weights", State.OK, f"{manifest.title} ({manifest.architecture}), {len(files)} files verified")


def backend_check(settings: InferenceSettings) -> Check:
    """Whether the chosen backend answers."""
    try:
        manifest, folder = load_manifest(settings.weights, settings.model)
        role = choose_role(manifest, settings.backend)
        backend = open_backend(manifest, folder, settings.backend, threads=settings.threads)
    except WeightsError as error:
        return Check("backend", State.PROBLEM, str(error), "mend the weights first")
    except BackendUnavailable as error:
        return Check("backend", State.PROBLEM, str(error), f"{_PREFIX}INFERENCE__BACKEND=auto")
    backend.logits(np.zeros((1, manifest.input_side, manifest.input_side, 3), dtype=np.uint8))
    found = f"{backend.name} (chosen: {settings.backend}, uses the {role} files)"
    backend.close()
    return Check("backend", State.OK, found)


def generator_check(settings: InferenceSettings) -> Check:
    """Whether pictures can be made; no problem where they cannot."""
    if not settings.generator:
        return Check("generator", State.NOTE, "switched off", f"{_PREFIX}INFERENCE__GENERATOR=true")
    try:
        found = load_generator_manifest(settings.weights)
        if found is None:
            return Check("generator", State.NOTE, "none in the weights", "/generate says that it cannot make pictures")
        manifest, folder = found
        files = verify_files(manifest, folder, ("openvino", "torch"))
    except WeightsError as error:
        return Check("generator", State.PROBLEM, str(error), "git checkout -- weights")
    return Check("generator", State.OK, f"{manifest.title}, {manifest.side} px, {len(files)} files verified")


def extra_check(extra: str) -> Check:
    """Whether an optional set of packages is installed; no problem where it is not."""
    name = f"extra [{extra}]"
    remedy = f"pip install -e '.[{extra}]'"
    packages = _packages_of(extra)
    if packages is None:
        return Check(name, State.NOTE, "unknown: Bunri runs from its folder without being installed", remedy)
    missing = sorted(package for package in packages if not _installed(package))
    if missing:
        return Check(name, State.NOTE, f"not installed: {', '.join(missing)}", remedy)
    return Check(name, State.OK, "installed")


def _packages_of(extra: str) -> tuple[str, ...] | None:
    try:
        requirements = importlib.metadata.requires("bunri") or []
    except importlib.metadata.PackageNotFoundError:
        return None
    marked = (text for text in requirements if re.search(rf"""extra\s*==\s*['"]{extra}['"]""", text))
    names = (re.match(r"[A-Za-z0-9._-]+", text) for text in marked)
    return tuple(match.group() for match in names if match and match.group() != "bunri")


def _installed(package: str) -> bool:
    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def port_check(settings: WebSettings) -> Check:
    """Whether the web page can have its port; a taken one may be Bunri itself, so it is only a note."""
    where = f"{settings.host}:{settings.port}"
    try:
        family = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as listener:
            if sys.platform != "win32":
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((settings.host, settings.port))
    except OSError as error:
        remedy = f"stop what listens there, or set {_PREFIX}WEB__PORT (and {_PREFIX}WEB__HOST)"
        return Check("web port", State.NOTE, f"{where} cannot be used: {error.strerror}", remedy)
    return Check("web port", State.OK, f"{where} is free")
