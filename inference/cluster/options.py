"""What the operator can set about replicas, and about the Ray that runs them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from inference.host.reloading import Models


@dataclass(frozen=True, slots=True)
class Scaling:
    """How many replicas of one kind there are, and what each may take; named as Ray Serve names them.

    Attributes:
        min_replicas: that are always there, >= 1.
        max_replicas: that are made when there is much to do.
        num_cpus: cores of one replica, may be a fraction; it answers as many photos side by side, one at least.
        num_gpus: cards of one replica, may be a fraction: 0.5 puts two on a card.
        target_ongoing_requests: in flight for each replica, on average, that autoscaling aims at.
        max_ongoing_requests: that one replica holds; further ones wait before them all.
        max_queued_requests: that may wait there; further ones are refused.
        upscale_delay_s: that there is more to do, before replicas are added.
        downscale_delay_s: that there is less to do, before replicas are taken away.

    """

    min_replicas: int
    max_replicas: int
    num_cpus: float
    num_gpus: float
    target_ongoing_requests: float
    max_ongoing_requests: int
    max_queued_requests: int
    upscale_delay_s: float
    downscale_delay_s: float


@dataclass(frozen=True, slots=True)
class OwnRay:
    """A Ray on this machine alone, which ends with this process.

    Attributes:
        num_cpus: cores that replicas may take; None for all that are there.
        num_gpus: cards; None for all that are there.
        object_store_bytes: shared memory that photos pass through.
        folder: for Ray's sockets and logs; its own choice when None.

    """

    num_cpus: float | None
    num_gpus: float | None
    object_store_bytes: int
    folder: Path | None


@dataclass(frozen=True, slots=True)
class ReplicaWork:
    """What a replica is made of. Crosses to other machines: the functions are found there by their names.

    Attributes:
        set_up: called once in the new process: its logs.
        open_models: loads and warms up what the weights name now; blocks.
        signature: another text whenever the weights name something else; blocks.
        workers: photos decoded side by side, >= 1.
        queue_limit: photos that may wait in the replica.
        reload_seconds: between two looks for newer weights.

    """

    set_up: Callable[[], None]
    open_models: Callable[[], Models]
    signature: Callable[[], str]
    workers: int
    queue_limit: int
    reload_seconds: float
