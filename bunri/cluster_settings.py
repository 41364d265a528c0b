"""The file of ``bunri cluster``: how many replicas there are, and what each may take (``docker/cluster.yaml``)."""

from dataclasses import fields
from pathlib import Path
from typing import Annotated, Final, Self

import click
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from inference.cluster.options import OwnRay, Scaling

_CHECKED: Final = ConfigDict(frozen=True, extra="forbid")

SMALLEST_STORE: Final = 80_000_000
"""Bytes; Ray takes no smaller one."""

Cores = Annotated[float, Field(gt=0, le=1024)]
Cards = Annotated[float, Field(ge=0, le=64)]
Delay = Annotated[float, Field(ge=0, le=86_400)]


class ReplicaSettings(BaseModel):
    """Replicas of one kind; the names are Ray Serve's."""

    model_config = _CHECKED

    min_replicas: int = Field(default=1, ge=1, le=1000, description="that are always there")
    max_replicas: int = Field(default=4, ge=1, le=1000, description="that are made when there is much to do")
    num_cpus: Cores = Field(default=1.0, description="cores of one replica")
    num_gpus: Cards = Field(default=0.0, description="cards of one replica; 0.5 puts two on a card")
    target_ongoing_requests: float = Field(default=4.0, gt=0, description="for each replica, that scaling aims at")
    max_ongoing_requests: int = Field(default=8, ge=1, description="that one replica holds")
    max_queued_requests: int = Field(default=256, ge=1, description="that may wait before them all")
    upscale_delay_s: Delay = Field(default=10.0, description="of more to do, before replicas are added")
    downscale_delay_s: Delay = Field(default=300.0, description="of less to do, before they are taken away")

    @model_validator(mode="after")
    def _limits_are_in_order(self) -> Self:
        if self.max_replicas < self.min_replicas:
            raise ValueError("max_replicas is less than min_replicas")
        if self.target_ongoing_requests > self.max_ongoing_requests:
            raise ValueError("target_ongoing_requests is more than max_ongoing_requests: it would never be reached")
        if self.num_gpus > 1 and self.num_gpus != int(self.num_gpus):
            raise ValueError("num_gpus is a fraction of one card, or a whole number of them")
        return self

    def scaling(self) -> Scaling:
        """The same for ``inference.cluster``."""
        return Scaling(**{field.name: getattr(self, field.name) for field in fields(Scaling)})


class PictureSettings(ReplicaSettings):
    """Replicas that make pictures: fewer, since a request takes one for seconds."""

    max_replicas: int = Field(default=2, ge=1, le=1000, description="that are made when there is much to do")
    num_cpus: Cores = Field(default=0.5, description="cores of one replica")
    target_ongoing_requests: float = Field(default=1.0, gt=0, description="for each replica, that scaling aims at")
    max_ongoing_requests: int = Field(default=2, ge=1, description="that one replica holds")
    max_queued_requests: int = Field(default=8, ge=1, description="that may wait before them all")


class RaySettings(BaseModel):
    """The Ray that is started on this machine; of no meaning where one is joined."""

    model_config = _CHECKED

    num_cpus: Cores | None = Field(default=None, description="cores to give away; all when unset")
    num_gpus: Cards | None = Field(default=None, description="cards to give away; all when unset")
    object_store_bytes: int = Field(default=500_000_000, ge=SMALLEST_STORE, description="of shared memory")
    folder: Path | None = Field(default=None, description="for Ray's sockets and logs; its own choice when unset")

    def own_ray(self) -> OwnRay:
        """The same for ``inference.cluster``."""
        return OwnRay(**{field.name: getattr(self, field.name) for field in fields(OwnRay)})


class ClusterSettings(BaseModel):
    """The whole file."""

    model_config = _CHECKED

    classify: ReplicaSettings = ReplicaSettings()
    generate: PictureSettings = PictureSettings()
    ray: RaySettings = RaySettings()


def read_cluster_file(path: Path | None) -> ClusterSettings:
    """The settings of a file, the defaults where there is none.

    Raises:
        click.ClickException: it cannot be read, or a field cannot be what it says; the sentence names both.

    """
    if path is None:
        return ClusterSettings()
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise click.ClickException(f"{path} cannot be read: {reason}") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = "" if mark is None else f", line {mark.line + 1}"
        raise click.ClickException(f"{path} is not YAML{where}") from error
    try:
        return ClusterSettings.model_validate({} if content is None else content)
    except ValidationError as error:
        told = (
            f"{'.'.join(str(part) for part in each['loc']) or 'the file'}: {each['msg']}" for each in error.errors()
        )
        raise click.ClickException(f"{path}: {'; '.join(told)}") from error
