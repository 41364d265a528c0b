"""What docker/ names exists: variables, commands, ports, health paths, files, extras, stages."""

import re
import shlex
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from pydantic import BaseModel

from bunri.cli import COMMANDS
from bunri.settings import Settings
from tests.conftest import PROJECT_ROOT
from tests.container_files import (
    COMPOSE_FILES,
    DOCKER,
    IN_THE_IMAGE,
    build_context,
    deployments,
    environment_of,
    exec_form,
    lineage,
    manifests,
    read_compose,
    services,
    stages,
)

SERVE_PORT = str(Settings().serve.port)

VARIABLE = re.compile(r"\bBUNRI_[A-Z_]*[A-Z]\b")
PACKAGES = ("bots", "bunri", "db", "guides", "inference", "training")


def variables_of(section: type[BaseModel], prefix: str = "BUNRI_") -> Iterator[str]:
    """The variable of every setting, by walking the model."""
    for name, field in section.model_fields.items():
        default = field.get_default(call_default_factory=True, validated_data={})
        if isinstance(default, BaseModel):
            yield from variables_of(type(default), f"{prefix}{name.upper()}__")
        else:
            yield f"{prefix}{name.upper()}"


KNOWN_VARIABLES = set(variables_of(Settings))
FILES = sorted(path for path in DOCKER.rglob("*") if path.is_file() and "secrets" not in path.parts)


def containers() -> dict[str, dict[str, str]]:
    """The environment of every container that is described, on top of its image's."""
    shared = next(each["data"] for _, each in manifests() if each["kind"] == "ConfigMap")
    found = {f"image {stage}": environment_of(stage) for stage in ("cpu", "gpu")}
    for name in COMPOSE_FILES:
        for service, content in read_compose(name)["services"].items():
            if service != "database":
                image = environment_of("gpu" if name == "compose.gpu.yaml" else "cpu")
                found[f"{name} {service}"] = {**image, **content["environment"]}
    for name, manifest in deployments().items():
        (container,) = manifest["spec"]["template"]["spec"]["containers"]
        own = {each["name"]: each["value"] for each in container["env"] if "value" in each}
        found[f"kubernetes {name}"] = {
            **environment_of("cpu"),
            **(shared if "envFrom" in container else {}),
            **own,
        }
    return found


@pytest.mark.parametrize("path", FILES, ids=[path.relative_to(DOCKER).as_posix() for path in FILES])
def test_every_variable_sets_something(path: Path) -> None:
    assert set(VARIABLE.findall(path.read_text(encoding="utf-8"))) <= KNOWN_VARIABLES


@pytest.mark.parametrize(("name", "environment"), containers().items(), ids=list(containers()))
def test_the_settings_accept_every_value(
    name: str, environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)  # no .env
    for variable in KNOWN_VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    for variable, value in environment.items():
        if variable.startswith("BUNRI_"):
            assert isinstance(value, str), "YAML would make another type of it"
            monkeypatch.setenv(variable, value)
    settings = Settings()
    assert settings.log.format == "json", name
    assert settings.web.host == "0.0.0.0"


def test_every_command_exists() -> None:
    called = [*(exec_form(stage, "CMD") for stage in ("cpu", "gpu"))]
    called += [each["command"] for name, each in services().items() if name != "database"]
    called += [each["spec"]["template"]["spec"]["containers"][0]["args"] for each in deployments().values()]
    assert {words[0] for words in called} <= set(COMMANDS)
    assert exec_form("cpu", "ENTRYPOINT") == ["bunri"]


def port_of(container: str, environment: Mapping[str, Any]) -> str:
    """The port on which a container says how it is."""
    kind = container.rsplit(" ", 1)[1]
    if kind in {"telegram", "discord"}:
        return str(environment["BUNRI_HEALTH__PORT"])
    if kind in {"inference", "gpu"}:
        return str(environment.get("BUNRI_SERVE__PORT", SERVE_PORT))
    return str(environment.get("BUNRI_WEB__PORT", Settings().web.port))


def test_health_is_asked_where_each_container_answers() -> None:
    served = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("bots/web", "bunri", "inference")
        for path in (PROJECT_ROOT / folder).rglob("*.py")
    )
    environments = containers()
    asked = {f"image {stage}": exec_form(stage, "HEALTHCHECK") for stage in ("cpu", "gpu")}
    asked |= {f"compose.yaml {name}": each["healthcheck"]["test"][1:] for name, each in services().items()}
    asked.pop("compose.yaml database")
    for name, (program, script, url) in asked.items():
        assert program == "python"
        assert (PROJECT_ROOT / script).is_file()
        found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)(/\w+)", url)
        assert found
        assert found[1] == port_of(name, environments[name])
        assert f'"{found[2]}"' in served


def test_kubernetes_asks_the_ports_that_each_pod_opens_and_paths_that_exist() -> None:
    environments = containers()
    for name, manifest in deployments().items():
        (container,) = manifest["spec"]["template"]["spec"]["containers"]
        (port,) = container["ports"]
        assert str(port["containerPort"]) == port_of(f"kubernetes {name}", environments[f"kubernetes {name}"])
        probes = [container[probe] for probe in ("startupProbe", "readinessProbe", "livenessProbe")]
        paths = {probe["httpGet"]["path"] for probe in probes if "httpGet" in probe}
        assert paths <= {"/healthz", "/readyz"}


def test_the_images_expose_what_they_serve() -> None:
    assert stages()["cpu"].every("EXPOSE") == [str(Settings().web.port)]
    assert stages()["gpu"].every("EXPOSE") == [SERVE_PORT]


def test_the_inference_host_is_asked_where_it_is() -> None:
    environment = services()["web"]["environment"]
    url = f'["http://inference:{services()["inference"]["environment"]["BUNRI_SERVE__PORT"]}"]'
    assert environment["BUNRI_INFERENCE__URLS"] == url
    (shared,) = [each["data"] for _, each in manifests() if each["kind"] == "ConfigMap"]
    assert shared["BUNRI_INFERENCE__URLS"] == url


def test_everything_that_a_stage_copies_is_in_the_build() -> None:
    context = {path.as_posix() for path in build_context()}
    folders = {parent.as_posix() for path in build_context() for parent in path.parents}
    for stage in stages().values():
        for rest in stage.every("COPY"):
            *sources, target = shlex.split(rest)
            if sources[0].startswith("--from="):
                assert sources[0].removeprefix("--from=") in stages()
                assert sources[1] == target
            else:
                assert set(sources) <= context | folders
    for word in exec_form("cpu", "HEALTHCHECK"):
        if word.endswith(".py"):
            assert word in context


def test_the_build_holds_the_product_and_nothing_private() -> None:
    context = [path.as_posix() for path in build_context()]
    assert {path.split("/")[0] for path in context if "/" in path} == {*PACKAGES, "docker", "weights"}
    for package in PACKAGES:
        for module in (PROJECT_ROOT / package).rglob("*.py"):
            assert module.relative_to(PROJECT_ROOT).as_posix() in context
    assert "weights/index.json" in context
    private = re.compile(r"(^|/)(\.env|\.git|secrets|var|__pycache__)(/|$)|\.(key|pem|db|sqlite3|pyc)$")
    assert [path for path in context if private.search(path)] == []


def test_every_rule_of_dockerignore_is_about_something() -> None:
    lines = (PROJECT_ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert all((PROJECT_ROOT / line[1:]).exists() for line in lines if line.startswith("!"))


def test_the_compiled_packages_are_all_packages() -> None:
    project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    included = {name.removesuffix("*") for name in project["tool"]["setuptools"]["packages"]["find"]["include"]}
    assert included == set(PACKAGES)
    for stage in ("build-cpu", "build-gpu"):
        (run,) = stages()[stage].every("RUN")
        assert set(run.split("compileall -q ", 1)[1].split()) == included


def test_extras_exist_and_the_cpu_image_has_no_torch() -> None:
    extras = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "optional-dependencies"
    ]
    installed = {}
    for stage in ("dependencies-cpu", "dependencies-gpu"):
        (run,) = stages()[stage].every("RUN")
        assert "-c constraints.txt" in run
        found = re.search(r'"\.\[([\w,]+)\]"', run)
        assert found
        installed[stage] = set(found[1].split(","))
    assert installed == {"dependencies-cpu": {"postgres", "s3"}, "dependencies-gpu": {"postgres", "s3", "gpu"}}
    assert installed["dependencies-gpu"] <= set(extras)


def test_paths_within_the_images_agree() -> None:
    for stage in ("cpu", "gpu"):
        workdirs = [rest for each in lineage(stage) for rest in each.every("WORKDIR")]
        assert workdirs == [str(IN_THE_IMAGE)]
        environment = environment_of(stage)
        assert environment["PATH"].startswith("/opt/venv/bin:")
        state = PurePosixPath("/var/lib/bunri")
        written = [
            environment[f"BUNRI_{each}"] for each in ("DATABASE__SECRET_FILE", "VAULT__FOLDER", "VAULT__KEYS_FILE")
        ]
        written.append(environment["BUNRI_DATABASE__URL"].removeprefix("sqlite:///"))
        assert all(PurePosixPath(path).is_relative_to(state) for path in written)
    assert services()["web"]["volumes"] == [f"state:{state}"]


def test_the_targets_that_are_built_are_stages() -> None:
    targets = {
        each["build"]["target"]
        for name in COMPOSE_FILES
        for each in read_compose(name)["services"].values()
        if "build" in each
    }
    assert targets == {"cpu", "gpu"}
    assert targets <= set(stages())
    for name in COMPOSE_FILES:
        for each in read_compose(name)["services"].values():
            if "build" in each:
                assert (DOCKER / each["build"]["context"]).resolve() == PROJECT_ROOT
                assert (PROJECT_ROOT / each["build"]["dockerfile"]).is_file()


GUIDE = (PROJECT_ROOT / "docs" / "deploying.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("pattern", "there"),
    [
        (r"--target (\w+)", lambda name: name in stages()),
        (r" -f (\S+)", lambda path: (PROJECT_ROOT / path).is_file()),
        (r"--config (\S+)", lambda path: (PROJECT_ROOT / path).is_file()),
        (r"apply -k (\S+)", lambda path: (PROJECT_ROOT / path / "kustomization.yaml").is_file()),
        (r"\bsh (docker/\S+)", lambda path: (PROJECT_ROOT / path).is_file()),
        (r"--profile (\w+)", lambda name: services()[name]["profiles"] == [name]),
        (r"docker/secrets/(\w+)", lambda name: name in read_compose("compose.yaml")["secrets"]),
        (r"`(PAGE_\w+)`", lambda name: f"${{{name}:-" in (DOCKER / "compose.yaml").read_text(encoding="utf-8")),
    ],
)
def test_what_the_guide_names_is_there(pattern: str, there: Callable[[str], bool]) -> None:
    named = set(re.findall(pattern, GUIDE))
    assert named
    assert {name for name in named if not there(name)} == set()


def test_the_secret_of_kubernetes_has_every_key_that_the_pods_take_from_it() -> None:
    made = set(re.findall(r"--from-file=secrets/(\w+)", GUIDE))
    taken: set[str] = set()
    for manifest in deployments().values():
        pod = manifest["spec"]["template"]["spec"]
        taken |= {item["key"] for volume in pod["volumes"] if "secret" in volume for item in volume["secret"]["items"]}
        for each in pod["containers"][0]["env"]:
            if "valueFrom" in each:
                taken.add(each["valueFrom"]["secretKeyRef"]["key"])
    assert taken == made
