"""Where a host is in its life: starting, ready, leaving, draining; and what answers meanwhile."""

from typing import Final

from inference.errors import InferenceClosed
from inference.host.metrics import HostMetrics
from inference.host.problems import Refused
from inference.host.served import Served
from inference.wire import ProblemCode


class HostState:
    """Is told by the program, and asked by the routes."""

    def __init__(self) -> None:
        self.metrics: Final = HostMetrics()
        self.reload_problem = ""
        """Why newer weights are not used; "" where there is nothing to say. For operators."""
        self._inference: Served | None = None
        self._is_leaving = False
        self._is_draining = False

    @property
    def is_ready(self) -> bool:
        """Whether requests should come: the model is loaded and warmed up, and the host does not end."""
        return self._inference is not None and self._inference.is_ready and not self._is_leaving

    @property
    def is_leaving(self) -> bool:
        """Whether callers should go elsewhere with their next request."""
        return self._is_leaving

    @property
    def word(self) -> str:
        """The state, for /readyz."""
        if self._is_leaving:
            return "draining"
        return "ready" if self.is_ready else "starting"

    def started(self, inference: Served) -> None:
        """Begin to answer with it; its owner closes it."""
        self._inference = inference
        self.serves()

    def serves(self) -> None:
        """Tell the metrics which models answer."""
        names = self.inference().names
        self.metrics.serves(names.model, names.backend, names.generator)

    def leaving(self) -> None:
        """Say that no more requests should come; those that come all the same are answered."""
        self._is_leaving = True

    def draining(self) -> None:
        """Take no more requests; those that were taken are answered."""
        self._is_leaving = self._is_draining = True

    def inference(self) -> Served:
        """What answers.

        Raises:
            Refused: it is still being loaded.
            InferenceClosed: the host ends.

        """
        if self._is_draining:
            raise InferenceClosed("the host is closing")
        if self._inference is None:
            raise Refused(ProblemCode.STARTING, "the model is being loaded")
        return self._inference

    def figures(self) -> bytes:
        """The metrics as they are now."""
        if self._inference is not None:
            self.metrics.queued.set(self._inference.queued)
            self.metrics.in_flight.set(self._inference.in_flight)
        self.metrics.ready.set(self.is_ready)
        return self.metrics.text()
