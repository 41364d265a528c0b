"""The inference host over replicas, from start to stop: Ray, the replicas, the routes before them."""

import asyncio
import logging
import math
import signal
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial

import click

from bunri.cluster_settings import ClusterSettings, ReplicaSettings
from bunri.failures import told_in_one_line
from bunri.log_redaction import Redaction
from bunri.log_setup import log_loop_errors, set_up_logs
from bunri.serve_door import answer_until_stopped, host_options, http_server, open_door, what_keeps_from_listening
from bunri.serving import open_models
from bunri.settings import InferenceSettings, LogSettings, Settings
from inference.cluster import deployments, ray_node
from inference.cluster.calls import ReplicaCalls
from inference.cluster.client import CLASSIFY, DESCRIBE, GENERATE, ClusterInference, Kind
from inference.cluster.deployments import Deployment
from inference.cluster.fleet import Fleet
from inference.cluster.loopback import stay_on_loopback
from inference.cluster.options import ReplicaWork
from inference.cluster.watching import Watcher
from inference.generator_manifest import load_generator_manifest
from inference.host.app import create_host
from inference.host.state import HostState
from inference.manifest import load_manifest
from inference.weights_signature import weights_signature

_log = logging.getLogger(__name__)


def serve_cluster(settings: Settings, cluster: ClusterSettings, *, address: str | None, deploys: bool) -> None:
    """Run a host over replicas until SIGTERM or Ctrl+C.

    Args:
        settings: of the host and of inference.
        cluster: of the replicas.
        address: of a Ray that is joined; None starts one of our own, which ends with this.
        deploys: whether replicas are started or renewed; else those are asked that are there.

    Raises:
        click.ClickException: it cannot run until an operator changes something; one sentence says what.

    """
    door = open_door(settings)
    with told_in_one_line():
        kinds = _kinds(settings, cluster, is_own=address is None)
        ray: AbstractContextManager[None] = (
            ray_node.own_ray(cluster.ray.own_ray()) if address is None else ray_node.joined_ray(address)
        )
        # On the main thread and before the loop: Ray takes SIGTERM for itself when it starts, the loop takes it back.
        with ray:
            if address is None:
                _must_fit(kinds)
            state = HostState()
            photos = cluster.classify
            # All that replicas hold, all that may wait, and some that are still sent.
            uploads = photos.max_replicas * photos.max_ongoing_requests + 2 * photos.max_queued_requests
            # Photos pass through shared memory: half of it is theirs.
            options = replace(
                host_options(settings, door, uploads=uploads), body_bytes=cluster.ray.object_store_bytes // 2
            )
            server = http_server(create_host(state, options), settings.serve, door)
            answering = partial(answer_until_stopped, server, state, grace_seconds=settings.serve.grace_seconds)
            try:
                asyncio.run(answering(_answer(state, kinds, deploys=deploys)))
            except OSError as error:
                raise click.ClickException(what_keeps_from_listening(error, settings.serve)) from error


def set_up_replica(settings: LogSettings, *, is_own: bool) -> None:
    """In the process of a replica, which knows no secret; ``is_own``: of a Ray on this machine alone."""
    set_up_logs(settings, Redaction([]))
    if is_own:
        stay_on_loopback()


def _kinds(settings: Settings, cluster: ClusterSettings, *, is_own: bool) -> dict[str, Deployment]:
    """What is deployed; only manifests are read.

    Raises:
        WeightsError: the weights cannot be used.

    """
    inference = settings.inference
    load_manifest(inference.weights, inference.model)
    set_up = partial(set_up_replica, settings.log, is_own=is_own)
    kinds = {CLASSIFY: _deployment(settings, cluster.classify, set_up, generator=False)}
    if inference.generator and load_generator_manifest(inference.weights) is not None:
        kinds[GENERATE] = _deployment(settings, cluster.generate, set_up, generator=True)
    return kinds


def _deployment(
    settings: Settings, replicas: ReplicaSettings, set_up: Callable[[], None], *, generator: bool
) -> Deployment:
    cores = max(1, math.ceil(replicas.num_cpus))
    inference = settings.inference
    own = InferenceSettings.model_validate(
        {
            # Tokens and addresses of other hosts are of no use in a replica, and so do not travel there.
            **inference.model_dump(exclude={"token", "token_file", "urls", "ca_file"}),
            "weights": inference.weights.resolve(),
            "generator": generator,
            "decode_workers": cores,
            "threads": inference.threads or cores,
        }
    )
    work = ReplicaWork(
        set_up=set_up,
        open_models=partial(open_models, own),
        signature=partial(weights_signature, own.weights, own.model),
        workers=cores,
        queue_limit=replicas.max_ongoing_requests,
        reload_seconds=settings.serve.reload_seconds,
    )
    return Deployment(work, replicas.scaling())


def _must_fit(kinds: dict[str, Deployment]) -> None:
    """Replicas that find no place would be waited for without end."""
    for what, field, there in (("cores", "num_cpus", ray_node.cores()), ("cards", "num_gpus", ray_node.cards())):
        wanted = sum(each.scaling.min_replicas * getattr(each.scaling, field) for each in kinds.values())
        if wanted > there:
            raise click.ClickException(
                f"the replicas that are always there want {wanted:g} {what} and Ray has {there:g} to give away: "
                f"lower min_replicas or {field}, or raise ray.{field}"
            )


async def _answer(state: HostState, kinds: dict[str, Deployment], *, deploys: bool) -> None:
    """Deploy, answer and watch the replicas until it is cancelled.

    Raises:
        BackendUnavailable: replicas do not start, or are not there.

    """
    loop = asyncio.get_running_loop()
    log_loop_errors(loop)
    # It asks `bunri serve` for newer weights, and would end this process.
    loop.add_signal_handler(signal.SIGHUP, _log.info, "replicas look for newer weights by themselves")
    if deploys:
        await asyncio.to_thread(deployments.deploy, kinds)
    elif not await asyncio.to_thread(deployments.is_deployed, GENERATE):
        kinds = {name: each for name, each in kinds.items() if name != GENERATE}
    fleets = {name: Fleet() for name in kinds}
    found = {name: await _kind(name, each, fleets[name]) for name, each in kinds.items()}
    inference = ClusterInference(state, found[CLASSIFY], found.get(GENERATE))
    watcher = Watcher(state, inference, fleets)
    await watcher.until_ready()
    state.started(inference)
    _log.info("ready: %s on %s", inference.names.model, inference.names.backend)
    try:
        await watcher.run()
    finally:
        await inference.close()


async def _kind(name: str, deployment: Deployment, fleet: Fleet) -> Kind:
    handle = await asyncio.to_thread(deployments.handle, name)
    return Kind(ReplicaCalls(handle, fleet, (name, DESCRIBE)), fleet, deployment.scaling)
