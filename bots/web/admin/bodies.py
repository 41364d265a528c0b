"""What the admin page sends, checked."""

import asyncio
from datetime import UTC, date, datetime, time
from typing import Annotated, Literal, Self, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bots.platforms import Platform
from bots.web.errors import Refusal, RequestRefusedError
from bots.web.options import WebOptions
from db.exporting.formats import FORMATS
from db.exporting.request import ExportRequest
from db.reviews import Rejection
from inference.labels import Label

B = TypeVar("B", bound=BaseModel)

_PhotoId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LoginBody(_Sent):
    """A token."""

    token: Annotated[str, Field(min_length=1, max_length=200)]


class WordBody(_Sent):
    """A photo, and what it is or why it is of no use."""

    photo: _PhotoId
    label: Label | None = None
    rejected: Rejection | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.label is None) == (self.rejected is None):
            raise ValueError("either a label or a reason to reject")
        return self


class UndoBody(_Sent):
    """A word to take back, by the number that came back when it was said."""

    word: Annotated[int, Field(ge=1, lt=2**63)]


class Filters(_Sent):
    """Which photos; what is empty is left open. The same as an export's."""

    label: tuple[Label, ...] = ()
    platform: tuple[Platform, ...] = ()
    language: tuple[Literal["ko", "en"], ...] = ()
    since: date | None = None
    until: date | None = None
    most_margin: Annotated[float, Field(ge=0, le=1)] | None = None
    disagreement: bool = False
    unlabelled: bool = False

    def request(self, *, with_discord: bool, form: str = "label-studio", limit: int | None = None) -> ExportRequest:
        """The export of these photos."""
        return ExportRequest(
            since=_midnight(self.since),
            until=_midnight(self.until),
            labels=tuple(str(each) for each in self.label),
            platforms=tuple(str(each) for each in self.platform),
            languages=self.language,
            most_margin=self.most_margin,
            disagreement=self.disagreement,
            unlabelled=self.unlabelled,
            limit=limit,
            with_discord=with_discord,
            format=form,
        )


class QueueQuery(Filters):
    """The photos from ``start`` (0 is the first) on, of those that match."""

    start: Annotated[int, Field(ge=0, le=1_000_000)] = 0


class ExportBody(_Sent):
    """Which photos, in which form, and why."""

    filters: Filters = Filters()
    format: str
    reason: Annotated[str, Field(max_length=2_000)]
    limit: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _a_format_that_there_is(self) -> Self:
        if self.format not in FORMATS:
            raise ValueError("no such format")
        return self


async def body_of(request: web.Request, model: type[B], options: WebOptions) -> B:
    """The JSON of a request.

    Raises:
        RequestRefusedError: it is something else, too long, or took too long to arrive.

    """
    if request.content_type != "application/json":
        raise RequestRefusedError(Refusal.BAD_REQUEST, unread=True)
    try:
        async with asyncio.timeout(options.upload_seconds):
            return model.model_validate_json(await request.read())
    except TimeoutError as error:
        raise RequestRefusedError(Refusal.TOO_SLOW, unread=True) from error
    except web.RequestPayloadError as error:  # what it is said to be packed with is not what it is packed with
        raise RequestRefusedError(Refusal.BAD_REQUEST, unread=True) from error
    except ValidationError as error:
        raise RequestRefusedError(Refusal.BAD_REQUEST) from error


def queue_query(request: web.Request) -> QueueQuery:
    """The filters in an address; ``label``, ``platform`` and ``answer_language`` may come several times.

    Raises:
        RequestRefusedError: one is written wrongly.

    """
    several = {"label": "label", "platform": "platform", "answer_language": "language"}
    single = ("since", "until", "most_margin", "disagreement", "unlabelled", "start")
    given: dict[str, object] = {name: request.query.getall(key, []) for key, name in several.items()}
    given |= {name: request.query[name] for name in single if request.query.get(name)}
    try:
        return QueueQuery.model_validate(given)
    except ValidationError as error:
        raise RequestRefusedError(Refusal.BAD_REQUEST) from error


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), UTC)
