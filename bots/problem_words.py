"""An error of inference -> a headline and what the resident can do about it."""

from bots.messages import Texts
from inference.errors import DecodeError, HostsFailed, InferenceError


def problem_words(error: InferenceError, texts: Texts) -> tuple[str, str]:
    """The problem in a few words, and its remedy in one sentence.

    Whatever is not the photo's fault reads "cannot look at photos right now", or, where waiting would not help,
    that we failed: the operator finds the cause in the log, and the resident could do nothing with it.
    """
    if isinstance(error, HostsFailed):
        return texts("problem-failed"), texts("problem-failed.help")
    if not isinstance(error, DecodeError):
        return texts("problem-unavailable"), texts("problem-unavailable.help")
    key = f"problem-{error.problem.value}"
    limit = error.limit or 0
    found = "unknown" if error.found is None else error.found.upper()
    headline = texts(key, found=found)
    return headline, texts(f"{key}.help", megabytes=limit // 1_000_000, megapixels=limit // 1_000_000)
