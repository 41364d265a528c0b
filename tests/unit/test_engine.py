import asyncio
import io
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from inference.backends.backend import ONE_BY_ONE, Batching
from inference.classifier import Classifier, open_classifier
from inference.decode import DecodeLimits
from inference.engine import LocalInference
from inference.errors import DeadlinePassed, DecodeError, InferenceBusy, InferenceClosed
from inference.manifest import load_manifest
from inference.observer import Nobody, Stage
from tests.held_backend import HeldBackend


def photo(level: int = 90) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (80, 60), (level, 120, 40)).save(file, "PNG")
    return file.getvalue()


class Decoded(Nobody):
    """Counts the photos that are ready for the network."""

    def __init__(self) -> None:
        self.photos = threading.Semaphore(0)

    def took(self, stage: Stage, seconds: float) -> None:
        if stage is Stage.DECODE:
            self.photos.release()


@pytest.fixture
def held() -> Iterator[HeldBackend]:
    backend = HeldBackend()
    yield backend
    backend.go.set()


@pytest.fixture
def busy(held: HeldBackend, tiny_weights: Path) -> LocalInference:
    """Inference with two workers on the held backend."""
    return LocalInference(Classifier(held, load_manifest(tiny_weights)[0], DecodeLimits()), workers=2)


async def started(backend: HeldBackend, count: int) -> None:
    for _ in range(count):
        assert await asyncio.to_thread(backend.started.acquire, timeout=30)


async def test_a_photo_gets_the_answer_that_the_blocking_core_gives(tiny_weights: Path) -> None:
    classifier = open_classifier(tiny_weights, backend="openvino", limits=DecodeLimits(), workers=2)
    inference = LocalInference(classifier, workers=2)
    answers = await asyncio.gather(*(inference.classify(photo(level)) for level in range(0, 250, 25)))
    assert answers == [classifier.classify(photo(level)) for level in range(0, 250, 25)]
    assert answers[0].label is answers[0].top[0].label
    assert answers[0].model == "tiny 0"
    await inference.close()


async def test_a_file_that_is_no_photo_is_refused_and_the_next_photo_answered(tiny_weights: Path) -> None:
    classifier = open_classifier(tiny_weights, backend="openvino", limits=DecodeLimits())
    inference = LocalInference(classifier, workers=1)
    with pytest.raises(DecodeError):
        await inference.classify(b"no photo")
    assert (await inference.classify(photo())).top
    await inference.close()


async def test_the_loop_runs_while_photos_are_worked_on(busy: LocalInference, held: HeldBackend) -> None:
    task = asyncio.create_task(busy.classify(photo()))
    await started(held, 1)
    turns = 0
    while turns < 50:
        await asyncio.sleep(0)
        turns += 1
    assert not task.done()
    held.go.set()
    await task
    await busy.close()


async def test_a_photo_that_would_wait_too_long_is_refused_but_one_for_each_worker_may_wait(
    held: HeldBackend, tiny_weights: Path
) -> None:
    classifier = Classifier(held, load_manifest(tiny_weights)[0], DecodeLimits())
    inference = LocalInference(classifier, workers=1, queue_seconds=1e-6)
    tasks = [asyncio.create_task(inference.classify(photo())) for _ in range(2)]
    await started(held, 1)
    with pytest.raises(InferenceBusy):
        await inference.classify(photo())
    held.go.set()
    await asyncio.gather(*tasks)
    await inference.classify(photo())
    await inference.close()
    assert held.calls == 3


async def test_no_more_photos_are_worked_on_at_once_than_there_are_workers(
    busy: LocalInference, held: HeldBackend
) -> None:
    tasks = [asyncio.create_task(busy.classify(photo())) for _ in range(8)]
    await started(held, 2)
    held.go.set()
    await asyncio.gather(*tasks)
    assert held.calls == 8
    assert held.most_at_once == 2
    await busy.close()


async def test_a_cancelled_waiting_caller_leaves_nothing_behind(busy: LocalInference, held: HeldBackend) -> None:
    working = [asyncio.create_task(busy.classify(photo())) for _ in range(2)]
    await started(held, 2)
    waiting = [asyncio.create_task(busy.classify(photo())) for _ in range(5)]
    await asyncio.sleep(0)
    for task in waiting:
        task.cancel()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes)
    held.go.set()
    await asyncio.gather(*working)
    await busy.close()
    assert held.calls == 2


async def test_after_a_cancelled_running_photo_the_next_ones_are_answered(
    busy: LocalInference, held: HeldBackend
) -> None:
    task = asyncio.create_task(busy.classify(photo()))
    await started(held, 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    held.go.set()
    assert len(await asyncio.gather(*(busy.classify(photo()) for _ in range(4)))) == 4
    await busy.close()


async def test_closing_answers_what_was_accepted_and_refuses_what_comes_later(
    busy: LocalInference, held: HeldBackend
) -> None:
    accepted = [asyncio.create_task(busy.classify(photo())) for _ in range(4)]
    await started(held, 2)
    closing = [asyncio.create_task(busy.close()) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(InferenceClosed):
        await busy.classify(photo())
    assert held.closings == 0
    held.go.set()
    assert len(await asyncio.gather(*accepted)) == 4
    await asyncio.gather(*closing)
    assert held.closings >= 1
    await busy.close()


async def test_the_model_outlives_a_photo_whose_caller_was_cancelled(busy: LocalInference, held: HeldBackend) -> None:
    task = asyncio.create_task(busy.classify(photo()))
    await started(held, 1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    closing = asyncio.create_task(busy.close())
    await asyncio.sleep(0.05)
    assert held.closings == 0
    held.go.set()
    await closing
    assert held.closings >= 1
    assert held.at_once == 0


async def test_a_photo_beyond_the_queues_limit_is_refused_with_a_time_to_come_back(
    held: HeldBackend, tiny_weights: Path
) -> None:
    classifier = Classifier(held, load_manifest(tiny_weights)[0], DecodeLimits())
    inference = LocalInference(classifier, workers=1, queue_limit=2)
    accepted = [asyncio.create_task(inference.classify(photo())) for _ in range(3)]
    await started(held, 1)
    with pytest.raises(InferenceBusy) as refused:
        await inference.classify(photo())
    assert refused.value.retry_after >= 1
    assert (inference.queued, inference.in_flight) == (2, 3)
    held.go.set()
    assert len(await asyncio.gather(*accepted)) == 3
    assert (await inference.classify(photo())).top
    await inference.close()


async def test_a_photo_whose_time_is_over_is_dropped_before_it_is_decoded(
    busy: LocalInference, held: HeldBackend
) -> None:
    working = [asyncio.create_task(busy.classify(photo())) for _ in range(2)]
    await started(held, 2)
    with pytest.raises(DeadlinePassed):
        await busy.classify(b"would be refused if anybody looked", deadline=time.monotonic() + 0.05)
    held.go.set()
    await asyncio.gather(*working)
    with pytest.raises(DeadlinePassed):
        await busy.classify(b"nor with a free worker", deadline=time.monotonic() - 1)
    assert held.calls == 2
    assert len(await asyncio.gather(*(busy.classify(photo()) for _ in range(3)))) == 3, "no slot was lost"
    await busy.close()


@pytest.mark.parametrize("batching", [ONE_BY_ONE, Batching((1, 2, 4, 8))])
async def test_a_swap_loses_no_photo_and_closes_the_old_model_after_its_last(
    tiny_weights: Path, batching: Batching
) -> None:
    old, new = HeldBackend(), HeldBackend()
    old.batching = new.batching = batching
    new.go.set()
    manifest = load_manifest(tiny_weights)[0]
    inference = LocalInference(Classifier(old, manifest, DecodeLimits()), workers=2)
    working = [asyncio.create_task(inference.classify(photo())) for _ in range(4)]
    await started(old, 1)
    after = Classifier(new, manifest.model_copy(update={"version": "1"}), DecodeLimits())
    swapping = asyncio.create_task(inference.swap(after, None))
    await asyncio.sleep(0.05)
    assert inference.classifier is after
    assert not swapping.done()
    assert old.closings == 0
    old.go.set()
    answers = await asyncio.gather(*working)
    assert {each.model for each in answers} <= {"tiny 0", "tiny 1"}
    assert answers[0].model == "tiny 0"
    await swapping
    assert old.closings == 1
    assert (await inference.classify(photo())).model == "tiny 1"
    await inference.close()


async def test_a_swap_waits_for_a_photo_whose_caller_has_gone(busy: LocalInference, held: HeldBackend) -> None:
    task = asyncio.create_task(busy.classify(photo()))
    await started(held, 1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    new = HeldBackend()
    swapping = asyncio.create_task(busy.swap(Classifier(new, busy.classifier.manifest, DecodeLimits()), None))
    await asyncio.sleep(0.05)
    assert held.closings == 0
    held.go.set()
    await swapping
    assert held.closings == 1
    await busy.close()


async def test_a_model_that_comes_after_closing_is_closed(busy: LocalInference, held: HeldBackend) -> None:
    held.go.set()
    await busy.close()
    new = HeldBackend()
    with pytest.raises(InferenceClosed):
        await busy.swap(Classifier(new, busy.classifier.manifest, DecodeLimits()), None)
    assert new.closings == 1


async def test_photos_that_line_up_go_through_a_batching_network_together(tiny_weights: Path) -> None:
    held = HeldBackend()
    held.batching = Batching((1, 2, 4, 8))
    decoded = Decoded()
    classifier = Classifier(held, load_manifest(tiny_weights)[0], DecodeLimits())
    inference = LocalInference(classifier, workers=2, observer=decoded)
    first = asyncio.create_task(inference.classify(photo()))
    await started(held, 1)
    rest = [asyncio.create_task(inference.classify(photo())) for _ in range(6)]
    for _ in range(7):
        assert await asyncio.to_thread(decoded.photos.acquire, timeout=30)
    held.go.set()
    assert len(await asyncio.gather(first, *rest)) == 7
    assert held.calls < 7
    assert held.most_at_once == 1
    await inference.close()
