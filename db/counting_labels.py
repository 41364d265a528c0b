"""Which of a photo's words count. Expressions for statements that select from ``photos``."""

from typing import Final

from sqlalchemy import exists, func, select

from db.tables import LABELS, PHOTOS

COUNTS: Final = (LABELS.c.label.is_not(None), LABELS.c.withdrawn_at.is_(None))
"""Of a row of ``labels``: somebody said what it is, and did not take it back."""

REJECTS: Final = (LABELS.c.rejected.is_not(None), LABELS.c.withdrawn_at.is_(None))
"""Of a row of ``labels``: somebody said that the photo is of no use, and did not take it back."""

NEWEST_LABEL: Final = (
    select(func.max(LABELS.c.id)).where(LABELS.c.photo_id == PHOTOS.c.id, *COUNTS).correlate(PHOTOS).scalar_subquery()
)
"""The id of the label that a photo has; NULL where nobody gave it one."""

_OTHERS: Final = LABELS.alias("rejections")

IS_REJECTED: Final = (
    exists()
    .where(_OTHERS.c.photo_id == PHOTOS.c.id, _OTHERS.c.rejected.is_not(None), _OTHERS.c.withdrawn_at.is_(None))
    .correlate(PHOTOS)
)
"""Whether a photo is of no use. A label does not make up for it, however new: it may have been given, in another tool,
by somebody who had not seen why."""
