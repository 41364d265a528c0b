"""The Dockerfile: what an image may and may not hold."""

import pytest

from tests.container_files import exec_form, lineage, stages

IMAGES = ("cpu", "gpu")


def said(stage: str, instruction: str) -> list[str]:
    return [rest for each in lineage(stage) for rest in each.every(instruction)]


def test_the_slim_image_is_what_is_built_without_a_target() -> None:
    assert list(stages())[-1] == "cpu"


@pytest.mark.parametrize("image", IMAGES)
def test_an_image_runs_as_a_numbered_user_and_not_as_root(image: str) -> None:
    # Kubernetes checks runAsNonRoot on numbers only.
    user, group = said(image, "USER")[-1].split(":")
    assert int(user) > 0
    assert int(group) > 0


@pytest.mark.parametrize("image", IMAGES)
def test_an_image_installs_nothing_itself_and_takes_everything_from_the_build(image: str) -> None:
    runs = " ".join(said(image, "RUN"))
    assert not any(word in runs for word in ("pip", "apt", "curl", "wget", "gcc", "chmod"))
    assert said(image, "ADD") == []
    assert said(image, "COPY") == [
        f"--from=build-{image} /opt/venv /opt/venv",
        f"--from=build-{image} /opt/bunri /opt/bunri",
    ]


@pytest.mark.parametrize("image", IMAGES)
def test_an_image_stops_politely_and_says_how_it_is(image: str) -> None:
    assert said(image, "STOPSIGNAL") == ["SIGTERM"]
    assert exec_form(image, "ENTRYPOINT") == ["bunri"]  # no shell in between that would swallow the signal
    assert exec_form(image, "HEALTHCHECK")[:2] == ["python", "docker/healthcheck.py"]


@pytest.mark.parametrize("stage", ["dependencies-cpu", "dependencies-gpu"])
def test_packages_are_pinned_wheels(stage: str) -> None:
    (run,) = stages()[stage].every("RUN")
    assert "--only-binary=:all:" in run
    assert "-c constraints.txt" in run


def test_the_python_of_the_images_is_a_release_that_is_named() -> None:
    bases = {stage.parent for stage in stages().values() if stage.parent not in stages()}
    assert bases == {"python:${PYTHON}"}
