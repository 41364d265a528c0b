"""Pictures from a real (tiny, untrained) generator: reproducible, marked, the same on both engines, photos first."""

import asyncio
import io
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from bunri.check import State
from bunri.commands import generate, weights
from bunri.health import generator_check
from bunri.settings import InferenceSettings
from bunri.wiring import open_local_inference
from db.database import Database
from db.secret import Secret
from inference.engine import LocalInference
from inference.errors import GenerationUnavailable, InferenceClosed, WeightsError
from inference.fingerprint import MOST_DIFFERENT, MOST_OFF, fingerprint
from inference.generation import MOST_AT_ONCE, SEEDS
from inference.generator_manifest import load_generator_manifest
from inference.labels import Label
from inference.marking import SHOWN_SIDE, SOURCE_TYPE
from tests.generator_fixture import GENERATOR_NAME, generating_weights, packed_generator
from tests.tiny_photos import scene
from training.gan.pack import write_generator_manifest

__all__ = ["generating_weights", "packed_generator"]


async def _opened(weights: Path, backend: str = "openvino", candidates: int = 1) -> LocalInference:
    settings = InferenceSettings.model_validate({"weights": weights, "backend": backend, "candidates": candidates})
    return await open_local_inference(settings)


def _pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


async def test_the_same_seed_makes_the_same_picture_and_another_one_another(generating_weights: Path) -> None:
    inference = await _opened(generating_weights)
    first = await inference.generate(Label.PAPER, 3, 7)
    again = await inference.generate(Label.PAPER, 1, 8)
    await inference.close()
    assert [each.seed for each in first] == [7, 8, 9]
    assert first[1].png == again[0].png
    assert len({each.png for each in first}) == 3
    assert first[0].model == f"{GENERATOR_NAME} 0"


async def test_both_engines_make_visibly_the_same(generating_weights: Path) -> None:
    made = []
    for backend in ("openvino", "torch"):
        inference = await _opened(generating_weights, backend)
        made.append((await inference.generate(Label.METAL, 1, 5))[0].png)
        await inference.close()
    assert np.abs(_pixels(made[0]) - _pixels(made[1])).mean() < 2


async def test_pictures_say_in_pixels_and_metadata_that_ai_made_them(generating_weights: Path) -> None:
    inference = await _opened(generating_weights)
    [picture] = await inference.generate(Label.SHOES, 1, 3)
    await inference.close()
    image = Image.open(io.BytesIO(picture.png))
    assert (image.format, image.size) == ("PNG", (SHOWN_SIDE, SHOWN_SIDE))
    assert SOURCE_TYPE in image.info["XML:com.adobe.xmp"]
    assert "AI-generated" in image.info["Comment"]
    corner = _pixels(picture.png)[-90:, -90:]
    assert corner.min() < 90
    assert corner.max() > 240, "white letters on a dark plate"


async def test_of_several_candidates_the_classifier_chooses_and_the_seed_still_decides(
    generating_weights: Path,
) -> None:
    inference = await _opened(generating_weights, candidates=4)
    one = await inference.generate(Label.PAPER, 2, 11)
    two = await inference.generate(Label.PAPER, 2, 11)
    await inference.close()
    assert [each.png for each in one] == [each.png for each in two]


async def test_the_manifest_says_how_long_latents_are_unless_a_setting_does(generating_weights: Path) -> None:
    async def made(truncation: float | None) -> bytes:
        settings = InferenceSettings(
            weights=generating_weights, backend="openvino", candidates=1, truncation=truncation
        )
        inference = await open_local_inference(settings)
        [picture] = await inference.generate(Label.METAL, 1, 5)
        await inference.close()
        return picture.png

    full, short = await made(None), await made(0.5)
    assert full == await made(1.0)
    manifest, folder = load_generator_manifest(generating_weights) or pytest.fail("no generator")
    write_generator_manifest(folder, manifest.model_copy(update={"truncation": 0.5}))
    assert await made(None) == short
    assert await made(1.0) == full
    assert short != full


async def test_seeds_go_round(generating_weights: Path) -> None:
    inference = await _opened(generating_weights)
    made = await inference.generate(Label.TRASH, 2, SEEDS - 1)
    await inference.close()
    assert [each.seed for each in made] == [SEEDS - 1, 0]


@pytest.mark.parametrize(("count", "seed"), [(0, 1), (MOST_AT_ONCE + 1, 1), (1, -1), (1, SEEDS)])
async def test_what_is_out_of_range_is_refused(count: int, seed: int, generating_weights: Path) -> None:
    inference = await _opened(generating_weights)
    with pytest.raises(ValueError, match="seeds from 0"):
        await inference.generate(Label.PAPER, count, seed)
    await inference.close()
    with pytest.raises(InferenceClosed):
        await inference.generate(Label.PAPER, 1, 1)


@pytest.mark.parametrize("is_there", [True, False], ids=["switched off", "no generator"])
async def test_without_a_generator_that_is_said(is_there: bool, own_weights: Path, generating_weights: Path) -> None:
    weights = generating_weights if is_there else own_weights
    inference = await open_local_inference(
        InferenceSettings(weights=weights, backend="openvino", generator=not is_there)
    )
    with pytest.raises(GenerationUnavailable) as raised:
        await inference.generate(Label.PAPER, 1, 1)
    await inference.close()
    assert not raised.value.is_busy


async def test_too_many_requests_are_refused_and_photos_are_answered_meanwhile(generating_weights: Path) -> None:
    inference = await _opened(generating_weights)
    requests = [asyncio.create_task(inference.generate(Label.PAPER, 16, seed)) for seed in range(9)]
    photo = io.BytesIO()
    Image.fromarray(scene(1)).save(photo, "JPEG")
    answers = await asyncio.gather(*(inference.classify(photo.getvalue()) for _ in range(5)))
    done = await asyncio.gather(*requests, return_exceptions=True)
    await inference.close()
    assert len(answers) == 5
    refused = [each for each in done if isinstance(each, GenerationUnavailable)]
    assert [each.is_busy for each in refused] == [True]
    assert all(len(each) == 16 for each in done if not isinstance(each, BaseException))


async def test_closing_while_pictures_are_made_ends_every_request_with_an_error_of_ours(
    generating_weights: Path,
) -> None:
    inference = await _opened(generating_weights)
    requests = [asyncio.create_task(inference.generate(Label.PAPER, 16, seed)) for seed in range(6)]
    for _ in range(4):
        await asyncio.sleep(0)
    await inference.close()
    done = await asyncio.gather(*requests, return_exceptions=True)
    assert {type(each) for each in done} <= {InferenceClosed, tuple}
    assert InferenceClosed in {type(each) for each in done}


async def test_somebody_who_does_not_wait_any_more_leaves_the_place_to_others(generating_weights: Path) -> None:
    inference = await _opened(generating_weights)
    for _ in range(3):
        requests = [asyncio.create_task(inference.generate(Label.PAPER, 16, seed)) for seed in range(8)]
        await asyncio.sleep(0)
        for each in requests:
            each.cancel()
        await asyncio.gather(*requests, return_exceptions=True)
    made = await inference.generate(Label.PAPER, 1, 5)
    await inference.close()
    assert [each.seed for each in made] == [5]


async def test_altered_weights_are_refused_by_name(generating_weights: Path) -> None:
    file = generating_weights / "generators" / GENERATOR_NAME / "fp16.bin"
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.raises(WeightsError, match=r"fp16\.bin"):
        await _opened(generating_weights)


def test_the_command_writes_files_and_says_where(
    generating_weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUNRI_INFERENCE__WEIGHTS", str(generating_weights))
    monkeypatch.setenv("BUNRI_INFERENCE__BACKEND", "openvino")
    monkeypatch.setenv("BUNRI_DATABASE__URL", f"sqlite:///{tmp_path / 'bunri.db'}")
    monkeypatch.setenv("BUNRI_DATABASE__SECRET", "a secret that is long enough for the tests")
    out = tmp_path / "made"
    done = CliRunner().invoke(generate.command, ["종이", "-n", "2", "--seed", "5", "-o", str(out)])
    assert done.exit_code == 0, done.output
    assert done.output.split() == [str(out / "paper-5.png"), str(out / "paper-6.png")]
    assert (out / "paper-5.png").read_bytes().startswith(b"\x89PNG")
    assert asyncio.run(_known(tmp_path / "bunri.db", out / "paper-6.png")), "a bot knows it again, sent as a photo"
    wrong = CliRunner().invoke(generate.command, ["nonsense"])
    assert (wrong.exit_code, "battery" in wrong.output) == (2, True)
    (tmp_path / "a-file").write_text("in the way")
    blocked = CliRunner().invoke(generate.command, ["paper", "-o", str(tmp_path / "a-file" / "below")])
    assert blocked.exit_code == 1
    assert blocked.output.count("\n") == 1
    monkeypatch.setenv("BUNRI_DATABASE__URL", f"sqlite:///{tmp_path / 'a-file' / 'bunri.db'}")
    unnoted = CliRunner().invoke(generate.command, ["paper", "--seed", "9", "-o", str(out)])
    assert (unnoted.exit_code, (out / "paper-9.png").exists()) == (0, True)
    assert unnoted.stderr.startswith("the pictures were not noted: ")


async def _known(database: Path, made: Path) -> bool:
    """Whether it is known as Telegram passes it on: smaller, as JPEG, without metadata."""
    sent = io.BytesIO()
    Image.open(made).convert("RGB").resize((320, 320)).save(sent, "JPEG", quality=70)
    opened = await Database.open(
        f"sqlite:///{database}", Secret.from_text("a secret that is long enough for the tests")
    )
    try:
        seen = fingerprint(np.asarray(Image.open(sent)))
        return await opened.generated.holds(seen, MOST_DIFFERENT, MOST_OFF)
    finally:
        await opened.close()


def test_verify_compares_the_generators_engines(generating_weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUNRI_INFERENCE__WEIGHTS", str(generating_weights))
    done = CliRunner().invoke(weights.command, ["verify"])
    assert done.exit_code == 0, done.output
    assert f"generators/{GENERATOR_NAME}" in done.output
    assert "pictures differ by" in done.output


def test_the_doctor_says_whether_pictures_can_be_made(own_weights: Path, generating_weights: Path) -> None:
    there = generator_check(InferenceSettings(weights=generating_weights))
    assert (there.state, GENERATOR_NAME in there.found) == (State.OK, True)
    assert generator_check(InferenceSettings(weights=generating_weights, generator=False)).state is State.NOTE
    assert generator_check(InferenceSettings(weights=own_weights)).state is State.NOTE
    (generating_weights / "generators" / GENERATOR_NAME / "fp16.xml").unlink()
    broken = generator_check(InferenceSettings(weights=generating_weights))
    assert (broken.state, "fp16.xml" in broken.found) == (State.PROBLEM, True)
