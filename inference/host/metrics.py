"""What a host tells Prometheus about itself."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from inference.errors import DecodeProblem
from inference.observer import Stage

_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_PHOTOS: Final = (1, 2, 4, 8, 16, 32, 64)


class HostMetrics:
    """The figures of one host, in a registry of its own; an ``inference.observer.Observer``."""

    def __init__(self) -> None:
        self._registry: Final = CollectorRegistry()
        own = self._registry
        self._requests: Final = Counter("bunri_requests", "Requests answered.", ("route", "status"), registry=own)
        self._total: Final = Histogram(
            "bunri_request_seconds",
            "From the head of a request to its answer.",
            ("route",),
            buckets=_SECONDS,
            registry=own,
        )
        self._stages: Final = Histogram(
            "bunri_stage_seconds",
            "A photo in the queue and in the decoder; a batch in the network.",
            ("stage",),
            buckets=_SECONDS,
            registry=own,
        )
        self._batches: Final = Histogram(
            "bunri_batch_photos", "Photos that went through the network together.", buckets=_PHOTOS, registry=own
        )
        self._refused: Final = Counter(
            "bunri_decode_errors", "Photos that were not accepted.", ("problem",), registry=own
        )
        self._dropped: Final = Counter(
            "bunri_dropped", "Photos whose caller did not wait for the answer.", registry=own
        )
        self.queued: Final = Gauge("bunri_queued_photos", "Photos that wait for a worker.", registry=own)
        self.in_flight: Final = Gauge("bunri_photos_in_flight", "Photos that wait or are worked on.", registry=own)
        self.ready: Final = Gauge("bunri_ready", "1 while requests are taken.", registry=own)
        self._reloads: Final = Counter("bunri_reloads", "Models that were taken up.", ("outcome",), registry=own)
        self.reload_failed: Final = Gauge(
            "bunri_reload_failed", "1 while newer weights are there that cannot be used.", registry=own
        )
        self.replicas: Final = Gauge(
            "bunri_replicas", "Replicas that answer, where a host has some.", ("kind",), registry=own
        )
        self._model: Final = Gauge(
            "bunri_model_info", "The models that answer.", ("model", "backend", "generator"), registry=own
        )
        for stage in Stage:
            self._stages.labels(stage.value)
        for problem in DecodeProblem:
            self._refused.labels(problem.value)

    def took(self, stage: Stage, seconds: float) -> None:
        """See ``Observer``."""
        self._stages.labels(stage.value).observe(seconds)

    def batch(self, photos: int) -> None:
        """See ``Observer``."""
        self._batches.observe(photos)

    def refused(self, problem: DecodeProblem) -> None:
        """See ``Observer``."""
        self._refused.labels(problem.value).inc()

    def dropped(self) -> None:
        """See ``Observer``."""
        self._dropped.inc()

    def answered(self, route: str, status: int, seconds: float) -> None:
        """A request was answered; ``route`` is one of ours, or "other"."""
        self._requests.labels(route, str(status)).inc()
        self._total.labels(route).observe(seconds)

    def serves(self, model: str, backend: str, generator: str | None) -> None:
        """Which models answer from now on."""
        self._model.clear()
        self._model.labels(model, backend, generator or "").set(1)

    def reloaded(self, *, is_good: bool) -> None:
        """Newer weights were found, and could be used or not."""
        self._reloads.labels("taken" if is_good else "refused").inc()
        self.reload_failed.set(0 if is_good else 1)

    def text(self) -> bytes:
        """All of it, in Prometheus's text format 0.0.4."""
        return generate_latest(self._registry)
