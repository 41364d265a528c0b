"""Example pictures: one a label, made behind everything else, or none at all."""

import asyncio

import pytest

from bots.web.gallery import Gallery
from inference.answer import MadePicture
from inference.errors import GenerationUnavailable, InferenceClosed, InferenceError, InferenceUnavailable
from inference.labels import LABELS, Label
from tests.scripted_inference import made_picture


async def _maker(label: Label, seed: int) -> MadePicture:
    return made_picture(label, seed)


async def test_each_label_has_one_and_they_are_shown_together() -> None:
    shown_meanwhile: list[int] = []

    async def maker(label: Label, seed: int) -> MadePicture:
        shown_meanwhile.append(len(gallery.examples))
        return made_picture(label, seed)

    gallery = Gallery(maker, 0)
    is_coming = [gallery.is_coming]
    await gallery.make()
    assert shown_meanwhile == [0] * len(LABELS)
    assert [*is_coming, gallery.is_coming] == [True, False]
    assert [each.label for each in gallery.examples] == list(LABELS)
    found = gallery.named("paper-1.png")
    assert found is not None
    assert found.png == made_picture(Label.PAPER, 1).png
    assert gallery.named("paper-2.png") is None


async def test_the_same_pictures_come_after_each_start() -> None:
    first, second = Gallery(_maker, 0), Gallery(_maker, 0)
    await first.make()
    await second.make()
    assert [each.etag for each in first.examples] == [each.etag for each in second.examples]


async def test_a_generator_with_too_much_to_do_is_asked_again() -> None:
    refusals = iter([True, True])

    async def maker(label: Label, seed: int) -> MadePicture:
        if next(refusals, False):
            raise GenerationUnavailable(is_busy=True)
        return made_picture(label, seed)

    gallery = Gallery(maker, 0, again_seconds=0)
    await gallery.make()
    assert len(gallery.examples) == len(LABELS)


async def test_hosts_that_are_away_at_the_start_are_asked_again(caplog: pytest.LogCaptureFixture) -> None:
    outage = iter([True, True, True])

    async def maker(label: Label, seed: int) -> MadePicture:
        if next(outage, False):
            raise InferenceUnavailable("unreachable")
        return made_picture(label, seed)

    gallery = Gallery(maker, 0, again_seconds=0)
    await gallery.make()
    assert len(gallery.examples) == len(LABELS)
    assert len(caplog.records) == 1, "said once"


@pytest.mark.parametrize(
    ("error", "is_logged"),
    [
        (GenerationUnavailable(), False),
        (InferenceClosed("closed"), True),
        (InferenceError("x"), True),
        (KeyError(), True),
    ],
)
async def test_without_a_generator_there_is_no_gallery(
    error: Exception, is_logged: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async def maker(label: Label, seed: int) -> MadePicture:
        if label is Label.METAL:
            raise error
        return made_picture(label, seed)

    gallery = Gallery(maker, 0)
    await gallery.make()
    assert (gallery.examples, gallery.is_coming) == ((), False)
    assert bool(caplog.records) is is_logged


async def test_nothing_is_made_where_none_is_wanted() -> None:
    gallery = Gallery(_maker, None)
    await gallery.make()
    assert (gallery.examples, gallery.is_coming) == ((), False)


async def test_whoever_stops_does_not_wait_for_it() -> None:
    gallery = Gallery(_maker, 3600)
    task = asyncio.create_task(gallery.make())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()
    assert not gallery.is_coming
