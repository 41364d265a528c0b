import json
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bunri.check import State
from bunri.commands import bench, doctor, weights
from bunri.health import port_check, python_check, settings_check
from bunri.settings import PROJECT_ROOT, WebSettings
from tests.weights_fixture import TINY_NAME, tiny_manifest, write_manifest


@pytest.fixture(autouse=True)
def _own_model(own_weights: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BUNRI_INFERENCE__WEIGHTS", str(own_weights))
    monkeypatch.setenv("BUNRI_INFERENCE__BACKEND", "openvino")
    monkeypatch.setenv("BUNRI_WEB__PORT", "0")
    monkeypatch.chdir(tmp_path)


def verify() -> Result:
    return CliRunner().invoke(weights.command, ["verify"])


def test_verify_checks_hashes_both_backends_and_their_agreement() -> None:
    result = verify()
    assert result.exit_code == 0, result.output
    assert f"{TINY_NAME} (default)" in result.stdout
    assert "3 files" in result.stdout
    assert "openvino cpu int8" in result.stdout
    assert "same top-1 on 8 of 8" in result.stdout


def test_verify_fails_when_a_file_was_altered(own_weights: Path) -> None:
    path = own_weights / TINY_NAME / "int8.bin"
    path.write_bytes(path.read_bytes()[:-1] + b"\0\0")
    result = verify()
    assert result.exit_code == 1
    assert "int8.bin" in result.stdout


def test_verify_fails_when_the_backends_hold_different_weights(own_weights: Path) -> None:
    import safetensors.torch
    import torch

    folder = own_weights / TINY_NAME
    state = safetensors.torch.load_file(folder / "model.safetensors")
    state["label_head.weight"] = torch.flip(state["label_head.weight"], (0,))
    safetensors.torch.save_file(state, folder / "model.safetensors")
    write_manifest(folder, tiny_manifest(folder))
    result = verify()
    assert result.exit_code == 1
    assert "FAIL  openvino cpu int8 and torch cpu fp32" in result.stdout


def test_verify_fails_when_the_index_names_a_model_that_is_not_there(own_weights: Path) -> None:
    (own_weights / "index.json").write_text('{"classifier": "gone"}', encoding="utf-8")
    result = verify()
    assert result.exit_code == 1
    assert "'gone'" in result.stderr


def test_the_doctor_finds_a_sound_installation_healthy() -> None:
    result = CliRunner().invoke(doctor.command, ["--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    states = {check["name"]: check["state"] for check in told["checks"]}
    assert told["ok"] is True
    assert {"python", "platform", "settings", "weights", "backend", "web port"} <= set(states)
    assert "problem" not in states.values()


def test_the_doctor_names_broken_weights_and_the_remedy(own_weights: Path) -> None:
    (own_weights / TINY_NAME / "int8.bin").unlink()
    result = CliRunner().invoke(doctor.command)
    assert result.exit_code == 1
    assert "PROBLEM  weights" in result.stdout
    assert "git checkout" in result.stdout


def test_the_doctor_reports_a_faulty_setting_instead_of_failing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUNRI_WEB__PORT", "many")
    result = CliRunner().invoke(doctor.command)
    assert result.exit_code == 1
    assert "PROBLEM  settings" in result.stdout
    assert "BUNRI_WEB__PORT" in result.stdout


def test_a_misspelt_setting_is_noted_with_the_likely_name() -> None:
    check = settings_check(["bunri_web_port", "HOME", "BUNRI_LANGUAGE"])
    assert check.state is State.NOTE
    assert "BUNRI_WEB_PORT" in check.found
    assert "BUNRI_WEB__PORT" in check.remedy


def test_an_old_python_is_a_problem() -> None:
    assert python_check((3, 10)).state is State.PROBLEM
    assert python_check((3, 14)).state is State.OK


def test_a_taken_port_is_noted() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        check = port_check(WebSettings(port=listener.getsockname()[1]))
    assert check.state is State.NOTE
    assert "BUNRI_WEB__PORT" in check.remedy


def test_the_bench_reports_every_figure_and_target(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bunri.benchmark.run._SECONDS_PER_RATE", 0.1)
    monkeypatch.setattr("bunri.benchmark.run._STARTS", 1)
    monkeypatch.setattr("bunri.benchmark.run._TORCH_ROUNDS", 1)
    monkeypatch.setattr("bunri.benchmark.run._TELEGRAM_PHOTOS", 20)
    monkeypatch.setattr("bunri.benchmark.run._PICTURE_ROUNDS", 2)
    # The processes it starts must find Bunri, also where the tests run without installing it.
    monkeypatch.setenv("PYTHONPATH", str(PROJECT_ROOT))
    result = CliRunner().invoke(bench.command, ["--json", "--rounds", "10"])
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)
    assert figures["photo_to_answer"]["median_ms"] > figures["model_call"]["median_ms"] > 0
    assert set(figures["photos_per_second"]) == {"1", "2", "4", "8"}
    assert figures["seconds_to_ready"] > 0
    assert figures["torch_resnet50"]["median_ms"] > 0
    assert figures["telegram"]["photos_per_second"] > 0
    assert [target["bound"] for target in figures["targets"]] == [1.6, 5.0, 3.0, 150.0, 150.0, 0.5, 2.0]


def test_the_bench_refuses_a_photo_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "no.jpg").write_bytes(b"text")
    result = CliRunner().invoke(bench.command, ["--photo", "no.jpg"])
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
