"""What serves a photo on a CPU needs neither torch nor a network."""

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from tests.conftest import PROJECT_ROOT

HEAVY = ("torch", "torchvision", "timm", "nncf", "sklearn", "matplotlib")

LOADED = """
import sys
{statements}
print(*sorted(name for name in sys.modules if name.split(".")[0] in {packages} and sys.modules[name]))
"""


def loaded_of(packages: tuple[str, ...], statements: str) -> list[str]:
    """The modules of these packages that a fresh interpreter has loaded after running the statements."""
    code = LOADED.format(statements=statements, packages=set(packages))
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.parametrize(
    "modules", ["bots, bots.conversation, bots.web", "bunri.cli, bunri.wiring", "guides", "bunri.commands.web"]
)
def test_importing_what_serves_brings_in_no_training_package(modules: str) -> None:
    assert loaded_of(HEAVY, f"import {modules}") == []


def test_answering_a_photo_on_openvino_brings_in_no_training_package(tiny_weights: Path) -> None:
    answer_one = f"""
from pathlib import Path
from bunri.benchmark.photo import synthetic_photo
from bunri.settings import InferenceSettings
from bunri.wiring import open_local_classifier
settings = InferenceSettings(weights=Path({str(tiny_weights)!r}), backend="openvino")
classifier = open_local_classifier(settings)
assert classifier.classify(synthetic_photo()).top
classifier.close()
"""
    assert loaded_of(HEAVY, answer_one) == []


@pytest.mark.parametrize("module", ["inference.backends.openvino_backend", "bunri.commands.weights, training.pack"])
def test_nothing_that_imports_openvino_loads_what_reports_home(module: str) -> None:
    assert loaded_of(("openvino_telemetry",), f"import {module}") == []


def test_the_console_script_is_the_command_line() -> None:
    scripts = entry_points(group="console_scripts", name="bunri")
    assert {script.value for script in scripts} == {"bunri.cli:main"}
