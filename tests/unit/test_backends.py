import concurrent.futures
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from inference.backends.backend import Batching
from inference.backends.openvino_backend import OpenVINOBackend
from inference.backends.select import choose_role, open_backend
from inference.backends.torch_backend import TorchBackend
from inference.errors import BackendUnavailable, WeightsError
from inference.manifest import Role, load_manifest, verify_files
from tests.weights_fixture import TINY_SIDE


@pytest.fixture
def photos() -> NDArray[np.uint8]:
    return np.random.default_rng(3).integers(0, 256, (6, TINY_SIDE, TINY_SIDE, 3), dtype=np.uint8)


def without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inference.backends.select.torch_installed", lambda: False)


@pytest.mark.parametrize("role", ["openvino", "torch"])
def test_a_backend_gives_float32_logits_of_the_promised_shapes(
    tiny_weights: Path, photos: NDArray[np.uint8], role: Role
) -> None:
    backend = open_backend(*load_manifest(tiny_weights), role)
    output = backend.logits(photos)
    assert output.label_logits.shape == (6, 12)
    assert output.waste_logits.shape == (6,)
    assert output.label_logits.dtype == output.waste_logits.dtype == np.float32
    backend.close()
    backend.close()


def test_openvino_and_torch_agree_on_the_same_network(tiny_weights: Path, photos: NDArray[np.uint8]) -> None:
    manifest, folder = load_manifest(tiny_weights)
    ours, reference = (open_backend(manifest, folder, role).logits(photos) for role in ("openvino", "torch"))
    assert np.ptp(reference.label_logits, axis=0).max() > 0.01  # the network does look at the photo
    np.testing.assert_allclose(ours.label_logits, reference.label_logits, atol=2e-3)
    np.testing.assert_allclose(ours.waste_logits, reference.waste_logits, atol=2e-3)


def test_several_threads_may_call_a_backend_at_once(tiny_weights: Path, photos: NDArray[np.uint8]) -> None:
    backend = open_backend(*load_manifest(tiny_weights), "openvino", streams=2)
    alone = backend.logits(photos).label_logits
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda row: backend.logits(photos[row : row + 1]), list(range(6)) * 5))
    for row, output in zip(list(range(6)) * 5, together, strict=True):
        np.testing.assert_array_equal(output.label_logits[0], alone[row])


def test_the_automatic_choice_is_openvino_where_torch_is_missing(
    tiny_weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_torch(monkeypatch)
    manifest, folder = load_manifest(tiny_weights)
    assert choose_role(manifest, "auto") == "openvino"
    assert open_backend(manifest, folder, "auto").name.startswith("openvino")


def test_the_automatic_choice_is_torch_where_there_is_a_cuda_device(
    tiny_weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inference.backends.select.cuda_available", lambda: True)
    assert choose_role(load_manifest(tiny_weights)[0], "auto") == "torch"


def test_choosing_torch_without_torch_says_how_to_install_it(
    tiny_weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_torch(monkeypatch)
    with pytest.raises(BackendUnavailable, match=r"pip install -e '\.\[gpu\]'"):
        open_backend(*load_manifest(tiny_weights), "torch")


def test_choosing_cuda_without_a_device_says_what_to_set(tiny_weights: Path) -> None:
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("this machine has a CUDA device")
    manifest, folder = load_manifest(tiny_weights)
    state = verify_files(manifest, folder, ["torch"])["model.safetensors"]
    with pytest.raises(BackendUnavailable, match="BUNRI_INFERENCE__BACKEND"):
        TorchBackend(state, architecture=manifest.architecture, side=TINY_SIDE, device="cuda")


def test_an_openvino_network_of_another_input_side_is_refused(tiny_weights: Path) -> None:
    manifest, folder = load_manifest(tiny_weights)
    files = verify_files(manifest, folder, ["openvino"])
    xml = files["int8.xml"].replace(f'shape="?,{TINY_SIDE},{TINY_SIDE},3"'.encode(), b'shape="?,32,32,3"')
    with pytest.raises(WeightsError, match="inputs and outputs"):
        OpenVINOBackend(xml, files["int8.bin"], side=TINY_SIDE)


def test_bytes_that_are_no_network_are_refused() -> None:
    with pytest.raises(WeightsError, match="cannot be read"):
        OpenVINOBackend(b"<html/>", b"", side=TINY_SIDE)


@pytest.mark.parametrize("state", [b"", b"no safetensors", b"\xff" * 100])
def test_bytes_that_are_no_safetensors_are_refused(state: bytes) -> None:
    with pytest.raises(WeightsError, match="do not fit"):
        TorchBackend(state, architecture="efficientnet_lite0", side=TINY_SIDE, device="cpu")


def test_torch_weights_of_another_architecture_are_refused(tiny_weights: Path) -> None:
    manifest, folder = load_manifest(tiny_weights)
    state = verify_files(manifest, folder, ["torch"])["model.safetensors"]
    with pytest.raises(WeightsError, match="'resnet18'"):
        TorchBackend(state, architecture="resnet18", side=TINY_SIDE, device="cpu")


def test_a_batch_that_is_filled_up_or_split_gives_each_photo_the_logits_it_has_alone(
    tiny_weights: Path, photos: NDArray[np.uint8]
) -> None:
    manifest, folder = load_manifest(tiny_weights)
    state = (folder / "model.safetensors").read_bytes()
    backend = TorchBackend(
        state, architecture=manifest.architecture, side=TINY_SIDE, device="cpu", batching=Batching((1, 4))
    )
    alone = np.concatenate([backend.logits(photos[place : place + 1]).label_logits for place in range(6)])
    for count in (2, 3, 4, 5, 6):
        together = backend.logits(photos[:count])
        np.testing.assert_allclose(together.label_logits, alone[:count], atol=1e-4)
        assert together.waste_logits.shape == (count,)
    kept = backend.logits(photos[:1]).label_logits
    backend.logits(photos[1:2])
    np.testing.assert_array_equal(kept, backend.logits(photos[:1]).label_logits, "the arrays are the caller's own")
    backend.close()


def test_a_signal_is_handled_after_a_backend_was_closed_by_another_thread(tiny_weights: Path) -> None:
    script = (
        "import os, signal, sys, threading\n"
        "from pathlib import Path\n"
        "from inference.classifier import open_classifier\n"
        "from inference.decode import DecodeLimits\n"
        "held = [open_classifier(Path(sys.argv[1]), backend='openvino', limits=DecodeLimits())]\n"
        "thread = threading.Thread(target=lambda: held.pop().close())\n"
        "thread.start(); thread.join()\n"
        "signal.signal(signal.SIGTERM, lambda *_: print('handled'))\n"
        "os.kill(os.getpid(), signal.SIGTERM)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tiny_weights)], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "handled\n"), done.stderr
