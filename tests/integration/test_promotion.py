"""``bunri weights compare | promote | rollback | history``, and a running host that takes the change up."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import aiohttp
import pytest
from click.testing import CliRunner, Result

from bunri.commands import weights
from bunri.promotion import earlier_model, history, promote
from inference.errors import WeightsError
from inference.labels import LABELS
from inference.manifest import default_model
from tests.host_process import TOKEN, bunri_serve, ready
from tests.tiny_photos import scene, write_photo
from tests.weights_fixture import TINY_NAME, describe, tiny_manifest, write_manifest


@pytest.fixture
def two_models(own_weights: Path) -> Path:
    """The tiny model, and one that says "battery" to everything."""
    import openvino as ov

    folder = Path(shutil.copytree(own_weights / TINY_NAME, own_weights / "stubborn"))
    (folder / "model.safetensors").unlink()
    engine = ov.Core()
    network = engine.read_model(folder / "int8.xml")
    for output in network.get_ordered_ops():
        if output.get_friendly_name() == network.output(0).get_node().get_friendly_name():
            source = output.input_value(0)
            added = ov.opset13.add(source, ov.opset13.constant([[1000.0] + [0.0] * (len(LABELS) - 1)], dtype="float32"))
            output.input(0).replace_source_output(added.output(0))
    ov.save_model(network, folder / "new.xml", compress_to_fp16=False)
    for suffix in ("xml", "bin"):
        (folder / f"new.{suffix}").replace(folder / f"int8.{suffix}")
    files = [describe(folder, "openvino", name) for name in ("int8.xml", "int8.bin")]
    manifest = {**tiny_manifest(own_weights / TINY_NAME), "name": "stubborn", "version": "1", "files": files}
    write_manifest(folder, manifest)
    return own_weights


@pytest.fixture
def field(tmp_path: Path) -> Path:
    """Twelve photos of each label."""
    root = tmp_path / "field"
    for number, label in enumerate(LABELS):
        for copy in range(12):
            write_photo(root / label.value, f"{copy}.jpg", scene(100 * number + copy))
    return root


def run(folder: Path, monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
    monkeypatch.setenv("BUNRI_INFERENCE__WEIGHTS", str(folder))
    monkeypatch.setenv("BUNRI_INFERENCE__BACKEND", "openvino")
    return CliRunner().invoke(weights.command, list(words))


def test_two_models_are_compared_on_the_same_photos(
    two_models: Path, field: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run(two_models, monkeypatch, "compare", TINY_NAME, "stubborn", "--field", str(field), "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["accuracy"]["photos"] == 12 * len(LABELS)
    assert found["recall"]["battery"]["after"] == 1
    assert all(change["after"] == 0 for label, change in found["recall"].items() if label != "battery")
    assert found["accuracy"]["after"] == pytest.approx(1 / len(LABELS))


def test_a_model_that_loses_a_label_is_refused_and_with_a_reason_taken_and_taken_back(
    two_models: Path, field: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run(two_models, monkeypatch, "compare", TINY_NAME, "stubborn", "--field", str(field), "--json")
    before = {label: change["before"] for label, change in json.loads(done.stdout)["recall"].items()}
    best = max(LABELS[1:], key=lambda label: before[label.value])
    assert before[best.value] > 0.03
    wanted = ("promote", "stubborn", "--field", str(field))
    refused = run(two_models, monkeypatch, *wanted)
    assert refused.exit_code == 1
    assert f"{best.value} is recognised worse by " in refused.stderr
    assert "was not promoted; tiny still answers" in refused.stderr
    assert default_model(two_models) == TINY_NAME
    assert history(two_models) == []
    assert run(two_models, monkeypatch, *wanted, "--force").exit_code == 2

    forced = run(two_models, monkeypatch, *wanted, "--force", "--reason", "batteries only, for a week")
    assert forced.exit_code == 0, forced.output
    assert default_model(two_models) == "stubborn"
    [record] = history(two_models)
    assert (record.before, record.model) == (TINY_NAME, "stubborn")
    assert record.why.endswith("forced: batteries only, for a week")

    back = run(two_models, monkeypatch, "rollback", "--reason", "the week is over")
    assert back.exit_code == 0, back.output
    assert default_model(two_models) == TINY_NAME
    told = run(two_models, monkeypatch, "history").output
    assert "from tiny to stubborn 1: " in told
    assert "from stubborn back to tiny 0: the week is over" in told
    assert run(two_models, monkeypatch, "rollback", "--reason", "further").exit_code == 1


def test_a_model_that_loses_nothing_is_promoted(two_models: Path, field: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(two_models / TINY_NAME, two_models / "again")
    write_manifest(two_models / "again", {**tiny_manifest(two_models / "again"), "version": "2"})
    done = run(two_models, monkeypatch, "promote", "again", "--field", str(field), "--margin", "0")
    assert done.exit_code == 0, done.output
    assert "again 2 answers from now on, instead of tiny" in done.output
    assert run(two_models, monkeypatch, "promote", "again", "--field", str(field)).exit_code == 1


def test_a_model_that_a_setting_pins_is_said_to_go_on_answering(
    two_models: Path, field: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUNRI_INFERENCE__MODEL", TINY_NAME)
    wanted = ("promote", "stubborn", "--field", str(field), "--force", "--reason", "for the test")
    pinned = run(two_models, monkeypatch, *wanted)
    assert pinned.exit_code == 0, pinned.output
    assert "but not where BUNRI_INFERENCE__MODEL=tiny is set" in pinned.stderr
    back = run(two_models, monkeypatch, "rollback", "--reason", "for the test")
    assert back.exit_code == 0, back.output
    assert "BUNRI_INFERENCE__MODEL" not in back.stderr, "what is pinned is what answers now"


def test_too_few_photos_of_a_label_are_an_objection(
    two_models: Path, field: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(field / "shoes")
    done = run(two_models, monkeypatch, "promote", "stubborn", "--field", str(field), "--margin", "100")
    assert done.exit_code == 1
    assert "too few photos to judge: shoes" in done.stderr


def test_altered_weights_are_not_promoted(two_models: Path) -> None:
    file = two_models / "stubborn" / "int8.bin"
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    with pytest.raises(WeightsError):
        promote(two_models, "stubborn", "no measurement")
    assert default_model(two_models) == TINY_NAME
    assert history(two_models) == []


def test_rollbacks_go_further_back_and_a_change_by_hand_ends_the_trail(two_models: Path) -> None:
    for name in ("b", "c"):
        shutil.copytree(two_models / TINY_NAME, two_models / name)
        write_manifest(two_models / name, tiny_manifest(two_models / name))
    for name in ("b", "c"):
        promote(two_models, name, "better")
    assert earlier_model(two_models) == "b"
    promote(two_models, "b", "worse after all", is_rollback=True)
    assert earlier_model(two_models) == TINY_NAME
    promote(two_models, "stubborn", "better")
    assert earlier_model(two_models) == "b"
    (two_models / "index.json").write_text('{"classifier": "c"}')
    assert earlier_model(two_models) is None


def test_a_promotion_that_a_dead_process_did_not_end_is_none(two_models: Path) -> None:
    for name in ("b", "c"):
        shutil.copytree(two_models / TINY_NAME, two_models / name)
        write_manifest(two_models / name, tiny_manifest(two_models / name))
    promote(two_models, "b", "better")
    index = (two_models / "index.json").read_bytes()
    promote(two_models, "c", "never came")
    (two_models / "index.json").write_bytes(index)
    assert earlier_model(two_models) == TINY_NAME
    promote(two_models, "stubborn", "better")
    promote(two_models, "b", "worse", is_rollback=True)
    assert earlier_model(two_models) == TINY_NAME


def test_a_line_that_a_dead_process_did_not_end_is_passed_over_and_replaced(two_models: Path) -> None:
    promote(two_models, "stubborn", "better")
    file = two_models / "history.jsonl"
    whole = file.read_bytes()
    file.write_bytes(whole + whole[:40])
    assert [each.why for each in history(two_models)] == ["better"]
    promote(two_models, TINY_NAME, "worse")
    assert [each.why for each in history(two_models)] == ["better", "worse"]
    file.write_bytes(file.read_bytes().rstrip())
    promote(two_models, "stubborn", "better again")
    assert [each.why for each in history(two_models)] == ["better", "worse", "better again"]


@pytest.mark.parametrize("why", ["one\u2028two\x85three\x0bfour", "half \udc80"])
def test_any_reason_can_be_read_again(two_models: Path, why: str) -> None:
    promote(two_models, "stubborn", why)
    assert len(history(two_models)) == 1
    assert earlier_model(two_models) == TINY_NAME


def test_a_model_is_not_promoted_over_one_that_it_was_not_compared_with(two_models: Path) -> None:
    shutil.copytree(two_models / TINY_NAME, two_models / "b")
    write_manifest(two_models / "b", tiny_manifest(two_models / "b"))
    promote(two_models, "stubborn", "meanwhile")
    with pytest.raises(WeightsError, match="stubborn answers by now instead of tiny"):
        promote(two_models, "b", "compared with tiny", instead_of=TINY_NAME)
    assert default_model(two_models) == "stubborn"
    assert len(history(two_models)) == 1


def test_promotions_at_once_leave_history_and_index_in_step(two_models: Path) -> None:
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda name: promote(two_models, name, "at once"), ["stubborn", TINY_NAME] * 10))
    records = history(two_models)
    assert len(records) == 20
    assert records[-1].model == default_model(two_models)
    assert [each.before for each in records[1:]] == [each.model for each in records[:-1]]


def test_a_spoilt_history_is_said_with_its_line(two_models: Path) -> None:
    promote(two_models, "stubborn", "better")
    with (two_models / "history.jsonl").open("a") as file:
        file.write("{}\n")
    with pytest.raises(WeightsError, match=r"history\.jsonl, line 2"):
        history(two_models)


async def test_a_running_host_answers_with_the_promoted_model_without_losing_a_request(two_models: Path) -> None:
    models: list[str] = []
    with bunri_serve(two_models, BUNRI_SERVE__RELOAD_SECONDS="0.2") as host:
        url = host.url
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "image/png"}
        photo = scene_file(two_models.parent)
        async with aiohttp.ClientSession(headers=headers) as http:
            await ready(http, url)
            promote(two_models, "stubborn", "for the test")
            while models[-1:] != ["stubborn 1"]:
                async with http.post(f"{url}v1/classify", data=photo) as answer:
                    assert answer.status == 200
                    models.append((await answer.json())["model"])
    assert models[0] == "tiny 0"
    assert set(models) == {"tiny 0", "stubborn 1"}


def scene_file(folder: Path) -> bytes:
    write_photo(folder, "scene.png", scene(3))
    return (folder / "scene.png").read_bytes()
