"""The replicas as Ray Serve's deployments: made, found, looked at."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ray import serve
from ray.serve.config import AutoscalingConfig
from ray.serve.exceptions import RayServeException
from ray.serve.handle import DeploymentHandle
from ray.serve.schema import LoggingConfig

from inference.cluster.fleet import Seen
from inference.cluster.options import ReplicaWork, Scaling
from inference.cluster.replica import Replica
from inference.errors import BackendUnavailable

_APPLICATION: Final = "bunri-{}"
_HEALTH_S: Final = 1.0
"""Between two looks of Ray Serve at a replica, and so until one that died is missed."""

_LONGEST_REQUEST_S: Final = 120.0
"""How long a replica that goes may still work on what it has."""

_LINE: Final = 300


@dataclass(frozen=True, slots=True)
class Deployment:
    """Replicas of one kind, as they should be."""

    work: ReplicaWork
    scaling: Scaling


def deploy(kinds: Mapping[str, Deployment]) -> None:
    """Start replicas of each kind, or replace those that are there one after the other; blocks, but not for them.

    Serve's own HTTP proxy is not started: the host's routes are before the replicas.
    """
    serve.start(proxy_location="Disabled", logging_config=_logging())
    _log_like_us()
    serve.run_many(
        [
            serve.RunTarget(_bound(name, each), name=_APPLICATION.format(name), route_prefix=None)
            for name, each in kinds.items()
        ],
        wait_for_applications_running=False,
    )


def handle(name: str) -> "DeploymentHandle[Any]":
    """Asks replicas of this kind; blocks.

    Raises:
        BackendUnavailable: there are none, nor will be.

    """
    _log_like_us()
    try:
        return serve.get_app_handle(_APPLICATION.format(name))
    except RayServeException as error:
        raise BackendUnavailable(f"no replicas are deployed for {name!r}: start without --no-deploy") from error


def is_deployed(name: str) -> bool:
    """Whether there are, or will be, replicas of this kind; blocks."""
    return _APPLICATION.format(name) in serve.status().applications


def look() -> dict[str, Seen]:
    """What Ray Serve says about each kind; blocks."""
    return {
        name: _seen(application, deployment)
        for application in serve.status().applications.values()
        for name, deployment in application.deployments.items()
    }


def _log_like_us() -> None:
    """Ray Serve's warnings in this process take the way of our own, which knows the format and what to redact."""
    logger = logging.getLogger("ray.serve")
    logger.handlers.clear()
    logger.propagate = True
    logger.setLevel(logging.WARNING)


def _bound(name: str, deployment: Deployment) -> serve.Application:
    scaling = deployment.scaling
    made = serve.deployment(
        name=name,
        ray_actor_options={"num_cpus": scaling.num_cpus, "num_gpus": scaling.num_gpus},
        max_ongoing_requests=scaling.max_ongoing_requests,
        # The host counts what waits: Serve would also refuse a request that lost its replica.
        max_queued_requests=-1,
        autoscaling_config=AutoscalingConfig(
            min_replicas=scaling.min_replicas,
            max_replicas=scaling.max_replicas,
            target_ongoing_requests=scaling.target_ongoing_requests,
            upscale_delay_s=scaling.upscale_delay_s,
            downscale_delay_s=scaling.downscale_delay_s,
        ),
        health_check_period_s=_HEALTH_S,
        graceful_shutdown_wait_loop_s=_HEALTH_S,
        graceful_shutdown_timeout_s=_LONGEST_REQUEST_S,
        logging_config=_logging(),
    )
    return made(Replica).bind(deployment.work)


def _logging() -> LoggingConfig:
    return LoggingConfig(log_level="WARNING", enable_access_log=False)


def _seen(application: Any, deployment: Any) -> Seen:
    running = sum(count for state, count in deployment.replica_states.items() if state == "RUNNING")
    has_given_up = application.status == "DEPLOY_FAILED" and not running
    is_unwell = deployment.status in {"UNHEALTHY", "DEPLOY_FAILED"}  # else it only says that it takes long
    lines = [line.strip() for line in deployment.message.splitlines() if line.strip()]
    return Seen(running, has_given_up, lines[-1][:_LINE] if lines and is_unwell else "")
