"""Ray itself: one of our own on this machine, or one that is there already."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import ray

from inference.cluster.options import OwnRay
from inference.errors import BackendUnavailable

LOOPBACK: Final = "127.0.0.1"

_SHARED_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - memory, not a folder for files
_NAMESPACE: Final = "bunri"


@contextmanager
def own_ray(options: OwnRay) -> Iterator[None]:
    """A Ray that only this machine can reach; stopped at the end. For the main thread.

    ``environment.lock_own_ray`` comes before the first import of ray, and leaves out other users of the machine.

    Raises:
        BackendUnavailable: it does not start, or shared memory is too small.

    """
    _check_memory(options.object_store_bytes)
    chosen: dict[str, Any] = {} if options.folder is None else {"_temp_dir": str(options.folder.resolve())}
    if _SHARED_MEMORY.is_dir():
        # Said explicitly: Ray would else go over to a file in /tmp where this is small, and photos with it.
        chosen["_plasma_directory"] = str(_SHARED_MEMORY)
    with _connected(
        num_cpus=options.num_cpus,
        num_gpus=options.num_gpus,
        object_store_memory=options.object_store_bytes,
        _node_ip_address=LOOPBACK,
        # No photo is spilled to a disk, and no processes are started before somebody needs them.
        _system_config={"automatic_object_spilling_enabled": False, "prestart_worker_first_driver": False},
        include_dashboard=False,
        **chosen,
    ):
        yield


@contextmanager
def joined_ray(address: str) -> Iterator[None]:
    """The Ray at this address, which a node on this machine belongs to; it goes on at the end. For the main thread.

    Raises:
        BackendUnavailable: it cannot be reached.

    """
    with _connected(address=address):
        yield


def cores() -> float:
    """Cores that Ray has to give away."""
    return float(ray.cluster_resources().get("CPU", 0))


def cards() -> float:
    """Cards that Ray has to give away."""
    return float(ray.cluster_resources().get("GPU", 0))


@contextmanager
def _connected(**arguments: Any) -> Iterator[None]:
    try:
        ray.init(namespace=_NAMESPACE, log_to_driver=False, configure_logging=False, **arguments)
    except Exception as error:  # what it raises where a part of it is too slow has no narrower type
        ray.shutdown()
        lines = [*str(error).splitlines(), type(error).__name__]
        raise BackendUnavailable(
            f"Ray cannot be {'joined' if 'address' in arguments else 'started'}: {lines[0]}"
        ) from error
    try:
        yield
    finally:
        ray.shutdown()


def _check_memory(wanted: int) -> None:
    if not _SHARED_MEMORY.is_dir():
        return
    free = shutil.disk_usage(_SHARED_MEMORY).free
    if free < wanted:
        raise BackendUnavailable(
            f"{_SHARED_MEMORY} has {free // 1_000_000} MB free, ray.object_store_bytes asks for {wanted // 1_000_000}: "
            "give the container more (--shm-size), or ask for less"
        )
