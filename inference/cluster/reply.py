"""What a replica answers: a value or an error of inference, and what the host should know of the replica."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from inference.cluster.notebook import Notes
from inference.errors import InferenceBusy, InferenceError
from inference.model_names import ModelNames
from inference.wire import ProblemBody, error_of, problem_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Failure:
    """An error of inference in the form in which hosts send it: exceptions lose their fields on the way."""

    problem: ProblemBody
    retry_after: float | None

    @staticmethod
    def of(error: InferenceError) -> "Failure":
        """What to send for an error."""
        return Failure(problem_of(error), error.retry_after if isinstance(error, InferenceBusy) else None)

    def error(self) -> InferenceError:
        """The error again."""
        return error_of(self.problem, self.retry_after)


@dataclass(frozen=True, slots=True)
class Reply(Generic[T]):
    """An answer.

    Attributes:
        outcome: the value, or why there is none.
        names: of the models that answer there.
        reload_problem: why newer weights are not used there; "" where there is nothing to say.
        notes: what happened since the replica's last answer.

    """

    outcome: T | Failure
    names: ModelNames
    reload_problem: str
    notes: Notes

    def value(self) -> T:
        """The value.

        Raises:
            InferenceError: what the replica raised.

        """
        if isinstance(self.outcome, Failure):
            raise self.outcome.error()
        return self.outcome
