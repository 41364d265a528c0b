"""The compose files: lawful, closed to the outside, and one process for each bot."""

import json
from typing import Any

import pytest
from compose_spec import PyCompose

from tests.container_files import COMPOSE_FILES, DOCKER, read_compose, services

OWN = ("inference", "web", "telegram", "discord")


@pytest.mark.parametrize("name", COMPOSE_FILES)
def test_each_file_keeps_to_the_compose_specification(name: str) -> None:
    parsed = PyCompose.from_json(json.dumps(read_compose(name)))
    assert parsed.service_names()
    parsed.validate()


@pytest.mark.parametrize(
    "wrong",
    [
        {"image": "x", "pid_limit": 3},
        {"image": "x", "networks": ["nowhere"]},
        {"image": "x", "secrets": ["none"]},
        {"image": "x", "mem_limit": "3q"},
        {"image": "x", "healthcheck": {"test": ["CMD", "a"], "interval": "3zz"}},
        {"image": "x", "depends_on": {"y": {"condition": "service_well"}}},
    ],
)
def test_the_judge_of_the_specification_sees_faults(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        PyCompose.from_json(json.dumps({"services": {"a": wrong}})).validate()


@pytest.mark.parametrize("name", ["database", *OWN])
def test_every_service_is_confined(name: str) -> None:
    service = services()[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    user, group = service["user"].split(":")
    assert int(user) > 0
    assert int(group) > 0
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    assert service["healthcheck"]["test"][0] == "CMD"
    assert not {"privileged", "cap_add", "devices", "pid", "network_mode", "ipc"} & set(service)
    assert not any(str(volume).startswith(("/", ".", "~")) for volume in service.get("volumes", []))


def test_only_the_page_is_published_and_only_to_this_machine() -> None:
    published = {name: service["ports"] for name, service in services().items() if "ports" in service}
    assert published == {"web": ["127.0.0.1:8080:8080"]}


def test_where_the_page_is_published_can_be_chosen() -> None:
    chosen = read_compose("compose.yaml", {"PAGE_ADDRESS": "0.0.0.0:80"})
    assert chosen["services"]["web"]["ports"] == ["0.0.0.0:80:8080"]


def test_database_and_inference_are_on_the_internal_network_alone() -> None:
    assert read_compose("compose.yaml")["networks"]["inside"] == {"internal": True}
    networks = {name: set(service["networks"]) for name, service in services().items()}
    assert networks == {
        "database": {"inside"},
        "inference": {"inside"},
        "web": {"inside", "edge"},
        "telegram": {"inside", "outside"},
        "discord": {"inside", "outside"},
    }


@pytest.mark.parametrize("name", ["telegram", "discord"])
def test_a_bot_is_one_process_and_cannot_be_scaled(name: str) -> None:
    bot = services()[name]
    assert bot["container_name"]  # compose refuses more than one of a service that has a name of its own
    assert bot["deploy"]["replicas"] == 1
    assert bot["deploy"]["update_config"] == {"order": "stop-first"}
    assert bot["profiles"] == [name]
    assert bot["command"] == [name]


@pytest.mark.parametrize("name", ["web", "telegram", "discord"])
def test_adapters_wait_until_database_and_inference_are_well(name: str) -> None:
    healthy = {"condition": "service_healthy"}
    assert services()[name]["depends_on"] == {"database": healthy, "inference": healthy}


@pytest.mark.parametrize("name", OWN)
def test_secrets_are_files_and_each_one_that_is_named_is_mounted(name: str) -> None:
    service = services()[name]
    named = {
        word.split("/run/secrets/", 1)[1] for word in service["environment"].values() if "/run/secrets/" in str(word)
    }
    assert named == set(service["secrets"])
    assert not any(variable.endswith(("__TOKEN", "__SECRET")) for variable in service["environment"])


def test_no_secret_lies_in_the_repository() -> None:
    files = {secret["file"] for secret in read_compose("compose.yaml")["secrets"].values()}
    assert all(file.startswith("./secrets/") for file in files)
    assert "/docker/secrets/" in (DOCKER.parent / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_the_gpu_overlay_asks_for_one_card_and_changes_nothing_else_than_inference() -> None:
    overlay = read_compose("compose.gpu.yaml")["services"]
    assert set(overlay) == {"inference"}
    assert overlay["inference"]["build"]["target"] == "gpu"
    assert overlay["inference"]["deploy"]["resources"]["reservations"]["devices"] == [
        {"driver": "nvidia", "count": 1, "capabilities": ["gpu"]}
    ]
