"""What the operator can set about the web page."""

from dataclasses import dataclass
from typing import Final

from guides import Language

LONGEST_TEXT: Final = 1_000
"""Characters that a visitor may write at once: a report is the longest that there is to say."""


@dataclass(frozen=True, slots=True)
class WebOptions:
    """The limits and defaults of the web page.

    Attributes:
        max_bytes: bytes in one photo.
        max_photos: photos in one request, and in one go on the page.
        requests_per_minute: photos and button presses one client may send a minute.
        trust_proxy: whether a reverse proxy stands in front, whose X-Forwarded-* headers are believed.
        language: for browsers that state none.
        region: the jurisdiction whose guides are shown to those who choose none.
        upload_seconds: how long a client may take to send one request.
        uploads_per_client: requests one client may be sending at the same time.
        uploads: requests all clients together may be sending at the same time; each holds one photo at most.
        gallery_after_seconds: how long after the start example pictures begin to be made; None makes none.
        keeps_photos: whether photos of those who agree are kept: what the page says about it depends on it.

    """

    max_bytes: int = 20_000_000
    max_photos: int = 10
    requests_per_minute: int = 60
    trust_proxy: bool = False
    language: Language = "ko"
    region: str = "kr"
    upload_seconds: float = 120.0
    uploads_per_client: int = 4
    uploads: int = 32
    keeps_photos: bool = False
    gallery_after_seconds: float | None = None
