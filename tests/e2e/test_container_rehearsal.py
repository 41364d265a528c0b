"""The slim image without a container engine: its stages in a folder, run as its user, the code read-only.

The packages are those of the tests' own environment. With BUNRI_REHEARSAL=1 (`make rehearsal`) the RUN lines of the
Dockerfile are carried out as well, each path /opt/ below the folder: minutes, and the package registry.
"""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bunri.benchmark.photo import synthetic_photo
from tests.conftest import PROJECT_ROOT
from tests.container_files import IN_THE_IMAGE, build_context, environment_of, exec_form, lineage, stages
from tests.web_site import visiting

STATE = "/var/lib/bunri"
AS_ROOT = os.geteuid() == 0
INSTALLS = bool(os.environ.get("BUNRI_REHEARSAL"))


@dataclass(frozen=True, slots=True)
class Image:
    """A folder that stands for the root of the image, and the Python that its user can run."""

    root: Path
    python: Path
    packages: Path | None

    @property
    def code(self) -> Path:
        return self.within(str(IN_THE_IMAGE))

    @property
    def state(self) -> Path:
        return self.within(STATE)

    def within(self, path: str) -> Path:
        """A path of the image."""
        return self.root / path.removeprefix("/")

    def environment(self) -> dict[str, str]:
        """What the image sets and nothing of ours, each path below the folder; listening on this machine only."""
        own = {
            name: value.replace(STATE, str(self.state))
            for name, value in environment_of("cpu").items()
            if name != "PATH"
        }
        paths = {"PYTHONPATH": str(self.packages)} if self.packages else {}
        return {
            **own,
            **paths,
            "TMPDIR": str(self.root / "tmp"),
            "BUNRI_WEB__HOST": "127.0.0.1",
            "BUNRI_WEB__PORT": "0",
        }

    def start(self, *words: str) -> subprocess.Popen[str]:
        """A process of the image: its user, its working directory, its environment."""
        user, group = (int(each) for each in stages()["runtime"].every("USER")[0].split(":"))
        return subprocess.Popen(
            words,
            cwd=self.code,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            user=user if AS_ROOT else None,
            group=group if AS_ROOT else None,
            extra_groups=[] if AS_ROOT else None,
        )

    def run(self, *words: str) -> tuple[int, str, str]:
        """Exit code, stdout and stderr of a process of the image."""
        process = self.start(*words)
        out, errors = process.communicate(timeout=120)
        return process.returncode, out, errors

    def listing(self) -> dict[str, tuple[int, int]]:
        """Every file of the code: its size and when it was changed."""
        found = {}
        for path in sorted(self.code.rglob("*")):
            status = path.stat()
            found[str(path.relative_to(self.code))] = (status.st_size, status.st_mtime_ns)
        return found


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    root = Path(tempfile.mkdtemp(prefix="bunri-image-"))
    root.chmod(0o755)
    try:
        python = _python_for_anybody()
        made = Image(root, python, None if INSTALLS else _packages())
        for folder in (made.code, made.state, root / "tmp"):
            folder.mkdir(parents=True)
        if INSTALLS:
            made = Image(root, _installed(made), None)
        for path in build_context():
            target = made.code / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(PROJECT_ROOT / path, target)
        _hand_over(made)
        yield made
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _python_for_anybody() -> Path:
    """A Python of our own version that another user can run; a home folder's cannot be."""
    for candidate in (Path(sys.executable).resolve(), Path("/usr/local/bin/python3"), Path("/usr/bin/python3")):
        probe = [str(candidate), "-c", "import sys; print(*sys.version_info[:2])"]
        try:
            done = subprocess.run(
                probe, capture_output=True, text=True, check=True, cwd="/", user=10001 if AS_ROOT else None
            )
        except (OSError, subprocess.CalledProcessError):
            continue
        if done.stdout.split() == [str(each) for each in sys.version_info[:2]]:
            return candidate
    pytest.skip("no Python of this version that a user other than root can run")


def _packages() -> Path:
    import aiohttp

    packages = Path(aiohttp.__file__).parent.parent
    if AS_ROOT and subprocess.run(["ls", packages], user=10001, capture_output=True, check=False).returncode:
        pytest.skip("a user other than root cannot read the packages of this environment")
    return packages


def _installed(image: Image) -> Path:
    """Carry out the stages up to build-cpu; the Python of the environment that they make."""
    program = image.root / "python-for-the-build"
    program.mkdir()
    (program / "python").symlink_to(image.python)
    environment = {**os.environ, "PATH": f"{program}:{os.environ['PATH']}"}
    for stage in lineage("build-cpu"):
        for name, rest in stage.instructions:
            if name == "RUN":
                line = rest.replace("/opt/", f"{image.root}/opt/")
                subprocess.run(["sh", "-euc", line], cwd=image.code, env=environment, check=True)
            elif name == "COPY":
                *sources, target = shlex.split(rest)
                for path in build_context():
                    inside = target if path.name in map(os.path.basename, sources) else ""
                    if "." in sources or path.as_posix() in sources:
                        to = image.code / (path if "." in sources else Path(inside) / path.name)
                        to.parent.mkdir(parents=True, exist_ok=True)
                        shutil.copyfile(PROJECT_ROOT / path, to)
    return image.within("/opt/venv/bin/python")


def _hand_over(image: Image) -> None:
    """Code for reading only, state for the image's user only."""
    for path in [image.code, *image.code.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    image.state.chmod(0o700)
    (image.root / "tmp").chmod(0o1777)
    if AS_ROOT:
        os.chown(image.state, 10001, 10001)


def command_of_the_image(image: Image) -> list[str]:
    """ENTRYPOINT and CMD; the console script is ``bunri.cli:main``."""
    (entry,) = exec_form("cpu", "ENTRYPOINT")
    assert entry == "bunri"
    script = [str(image.within("/opt/venv/bin/bunri"))] if INSTALLS else [str(image.python), "-m", "bunri.cli"]
    return [*script, *exec_form("cpu", "CMD")]


def mapped_by(process: int) -> str | None:
    """The libraries that a process has loaded, where the system tells."""
    maps = Path(f"/proc/{process}/maps")
    return maps.read_text(encoding="utf-8") if maps.exists() else None


def test_what_runs_is_the_code_of_the_image(image: Image) -> None:
    packages = "bunri, bots, db, guides, inference"
    code, out, errors = image.run(
        str(image.python),
        "-c",
        f"import {packages}, os; print(*(each.__file__ for each in ({packages})), os.geteuid())",
    )
    assert code == 0, errors
    *files, user = out.split()
    assert all(Path(file).is_relative_to(image.code) for file in files)
    assert user != "0"


async def test_the_page_answers_a_photo_from_a_read_only_tree_as_another_user(image: Image) -> None:
    before = image.listing()
    process = image.start(*command_of_the_image(image))
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, line + process.communicate()[1]

        program, script, url = exec_form("cpu", "HEALTHCHECK")
        assert program == "python"
        here = re.sub(r"http://127\.0\.0\.1:\d+/", found[0], url)
        assert image.run(str(image.python), script, here) == (0, "", "")

        async with visiting(found[0]) as someone:
            answer = await someone.send(synthetic_photo())
            (card, *_) = (await answer.json())["cards"]
            assert card["kind"] in {"answer", "ask", "not_waste"}
        loaded = mapped_by(process.pid)
        assert loaded is None or "openvino" in loaded
        assert loaded is None or "libtorch" not in loaded
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=30)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 0, errors
    assert all(json.loads(each)["level"] in {"INFO", "WARNING"} for each in errors.splitlines())
    assert image.listing() == before
    assert {path.name for path in image.state.iterdir()} >= {"bunri.db", "secret.key"}
    assert list((image.root / "tmp").iterdir()) == []
