"""What a cluster is made of, without Ray: the file, the fleet, what replicas send back."""

import pickle
import subprocess
import sys
from pathlib import Path

import click
import pytest

from bunri.cluster_settings import ClusterSettings, read_cluster_file
from bunri.extras import needs_extra
from inference.cluster.fleet import Fleet, Seen
from inference.cluster.notebook import Notebook, Notes
from inference.cluster.reply import Failure, Reply
from inference.errors import (
    DeadlinePassed,
    DecodeError,
    DecodeProblem,
    GenerationUnavailable,
    InferenceBusy,
    InferenceClosed,
    InferenceError,
)
from inference.host.metrics import HostMetrics
from inference.model_names import ModelNames
from inference.observer import Stage
from tests.conftest import PROJECT_ROOT

NAMES = ModelNames("tiny 0", "openvino", None)


def test_the_file_in_docker_says_what_counts_without_it() -> None:
    assert read_cluster_file(PROJECT_ROOT / "docker" / "cluster.yaml") == ClusterSettings() == read_cluster_file(None)


def test_an_empty_file_changes_nothing_and_a_field_changes_itself(tmp_path: Path) -> None:
    file = tmp_path / "cluster.yaml"
    file.write_text("", encoding="utf-8")
    assert read_cluster_file(file) == ClusterSettings()
    file.write_text("generate: {num_gpus: 0.5}", encoding="utf-8")
    chosen = read_cluster_file(file).generate.scaling()
    assert (chosen.num_gpus, chosen.max_queued_requests) == (0.5, ClusterSettings().generate.max_queued_requests)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("classify: {min_replica: 2}", "classify.min_replica: "),
        ("classify: {min_replicas: 0}", "classify.min_replicas: "),
        ("classify: {min_replicas: 5, max_replicas: 2}", "classify: .*max_replicas is less than min_replicas"),
        ("classify: {target_ongoing_requests: 9}", "classify: .*target_ongoing_requests is more than"),
        ("generate: {num_gpus: 1.5}", "generate: .*num_gpus is a fraction"),
        ("generate: {num_cpus: many}", "generate.num_cpus: "),
        ("ray: {object_store_bytes: 1}", "ray.object_store_bytes: "),
        ("- 1", "the file: "),
        ("a: [", "is not YAML, line 1"),
    ],
)
def test_what_is_wrong_in_the_file_is_named_with_file_and_field(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "cluster.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(click.ClickException, match=told) as refused:
        read_cluster_file(file)
    assert str(file) in refused.value.message


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(click.ClickException, match=r"none\.yaml cannot be read: No such file"):
        read_cluster_file(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("modules", "words", "told"),
    [
        ("sys.modules['ray'] = None", "cluster", "Error: " + needs_extra("ray is missing", "cluster")),
        ("sys.modules['ray'] = None", "cluster --no-deploy", "Error: --no-deploy needs --address"),
        ("sys.modules['ray'] = None", "cluster --config /nowhere/c.yaml", "Error: /nowhere/c.yaml cannot be read"),
    ],
)
def test_without_ray_or_with_wrong_words_it_is_one_line(modules: str, words: str, told: str) -> None:
    code = f"import sys; {modules}; sys.argv = ['bunri', *{words.split()}]; from bunri.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in {1, 2}
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("Error")]
    assert line.startswith(told)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "error",
    [
        DecodeError(DecodeProblem.TOO_MANY_PIXELS, "a detail", limit=7, found="pdf"),
        InferenceBusy(12.0),
        InferenceClosed("closed"),
        DeadlinePassed(),
        GenerationUnavailable(is_busy=True),
        GenerationUnavailable(),
    ],
)
def test_an_error_crosses_to_another_process_as_itself(error: InferenceError) -> None:
    sent = pickle.dumps(Reply(Failure.of(error), NAMES, "", Notes()))
    reply: Reply[None] = pickle.loads(sent)
    with pytest.raises(type(error)) as raised:
        reply.value()
    assert vars(raised.value) == vars(error)


def test_what_a_replica_noted_reaches_the_metrics_once() -> None:
    notebook, metrics = Notebook(), HostMetrics()
    notebook.took(Stage.NETWORK, 0.01)
    notebook.batch(3)
    notebook.refused(DecodeProblem.EMPTY)
    notebook.dropped()
    notebook.torn_out().told_to(metrics)
    notebook.torn_out().told_to(metrics)
    text = metrics.text().decode()
    for line in (
        'bunri_stage_seconds_count{stage="network"} 1.0',
        "bunri_batch_photos_sum 3.0",
        'bunri_decode_errors_total{problem="empty"} 1.0',
        "bunri_dropped_total 1.0",
    ):
        assert line in text


def test_a_fleet_is_out_once_no_replica_has_run_for_a_while() -> None:
    clock = [0.0]
    fleet = Fleet(patience_s=5.0, clock=lambda: clock[0])

    def at(seconds: float) -> tuple[int, bool]:
        clock[0] = seconds
        return fleet.running, fleet.is_out

    assert at(4.9) == (0, False)
    assert at(5.0) == (0, True)
    fleet.see(Seen(2))
    assert at(50.0) == (2, False)
    fleet.see(Seen(2))
    fleet.see(Seen(0))
    assert at(54.9) == (0, False)
    assert at(55.0) == (0, True)
