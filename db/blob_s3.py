"""Blobs as objects of a bucket that speaks the S3 API: Amazon's, MinIO, Ceph, Garage, R2 and others.

obstore, from the extra ``[s3]``, speaks it. A PUT of one request is atomic by the protocol.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from db.blobs import SUFFIX, Stored
from db.errors import PhotoMissing, StorageUnavailable

if TYPE_CHECKING:
    from obstore.store import S3Store

_CONNECT_S: Final = 5
_REQUEST_S: Final = 10
_RETRY_S: Final = 15
_RETRIES: Final = 2
_DELETED_TOGETHER: Final = 1000
"""What one DeleteObjects request takes (Amazon S3 API)."""

_CODE: Final = re.compile(r"<Code>(\w+)</Code>")
_STATUS: Final = re.compile(r"status code: (\d{3} [A-Za-z ]+)")
_NO_BUCKET: Final = "NoSuchBucket"
_EXAMPLE: Final = "s3://bucket/folder"


@dataclass(frozen=True, slots=True)
class S3Address:
    """Where a bucket is, and who asks.

    Attributes:
        bucket: its name.
        folder: before each object's name, without slashes at its ends; "" for none.
        endpoint: ``https://s3.example.org``; "" for Amazon's of the region.
        region: "" for what AWS_REGION says, or us-east-1.
        access_key: "" for what AWS_ACCESS_KEY_ID, a profile's role or the machine's role says.
        secret_key: likewise.

    """

    bucket: str
    folder: str = ""
    endpoint: str = ""
    region: str = ""
    access_key: str = field(default="", repr=False)
    secret_key: str = field(default="", repr=False)


def read_s3_url(url: str) -> tuple[str, str]:
    """Bucket and folder of ``s3://bucket/folder``.

    Raises:
        StorageUnavailable: it is not written so.

    """
    parts = urlsplit(url)
    if parts.scheme != "s3" or not parts.netloc or "@" in parts.netloc or parts.query or parts.fragment:
        raise StorageUnavailable(f"the photos' storage is written like {_EXAMPLE}, credentials apart")
    return parts.netloc, parts.path.strip("/")


class S3Blobs:
    """A ``BlobStore`` in a bucket. Connections are made when they are needed, and each call is tried again."""

    def __init__(self, address: S3Address) -> None:
        self._address = address

    @property
    def place(self) -> str:
        """``s3://bucket/folder``, and the endpoint where there is one."""
        folder = f"/{self._address.folder}" if self._address.folder else ""
        at = f" at {self._address.endpoint}" if self._address.endpoint else ""
        return f"s3://{self._address.bucket}{folder}{at}"

    def put(self, name: str, blob: bytes) -> None:
        """See ``BlobStore``. A bucket that keeps old versions is refused: what is deleted there is not gone."""
        import obstore

        try:
            version = obstore.put(self._store, name + SUFFIX, blob, use_multipart=False)["version"]
        except Exception as error:
            raise self._unavailable("photos cannot be kept in", error) from error
        if version not in {None, "", "null"}:
            self.delete([name])
            raise StorageUnavailable(
                f"{self.place} keeps old versions, so that no photo could ever be deleted: use a bucket without"
            )

    def get(self, name: str) -> bytes:
        """See ``BlobStore``."""
        import obstore

        try:
            return bytes(obstore.get(self._store, name + SUFFIX).bytes())
        except Exception as error:
            if _is_missing(error):
                raise PhotoMissing(f"there is no object {name}{SUFFIX} in {self.place}") from error
            raise self._unavailable("photos cannot be read from", error) from error

    def delete(self, names: Sequence[str]) -> None:
        """See ``BlobStore``."""
        import obstore

        try:
            for some in _batches(names):
                obstore.delete(self._store, [name + SUFFIX for name in some])
            left = sum(self._is_there(name) for name in names)
        except StorageUnavailable:
            raise
        except Exception as error:
            raise self._unavailable("photos cannot be deleted from", error) from error
        if left:
            raise StorageUnavailable(f"photos in {self.place} were deleted and are still there: {left}")

    def listed(self) -> Iterator[Stored]:
        """See ``BlobStore``."""
        import obstore

        try:
            for some in obstore.list(self._store):
                for each in some:
                    if each["path"].endswith(SUFFIX):
                        yield Stored(each["path"].removesuffix(SUFFIX), each["size"], each["last_modified"])
        except Exception as error:
            raise self._unavailable("photos cannot be listed in", error) from error

    def drop_drafts(self, before: datetime) -> int:
        """See ``BlobStore``: there are none, since an object is written in one request."""
        del before
        return 0

    @cached_property
    def _store(self) -> "S3Store":
        try:
            from obstore.store import S3Store
        except ImportError as error:
            raise StorageUnavailable("photos in S3 need the extra [s3]: pip install -e '.[s3]'") from error
        address = self._address
        given: dict[str, Any] = {
            "endpoint": address.endpoint,
            "region": address.region,
            "access_key_id": address.access_key,
            "secret_access_key": address.secret_key,
        }
        return S3Store(
            address.bucket,
            prefix=address.folder or None,
            client_options={
                "allow_http": address.endpoint.startswith("http://"),
                "connect_timeout": timedelta(seconds=_CONNECT_S),
                "timeout": timedelta(seconds=_REQUEST_S),
            },
            retry_config={"max_retries": _RETRIES, "retry_timeout": timedelta(seconds=_RETRY_S)},
            **{name: value for name, value in given.items() if value},
        )

    def _is_there(self, name: str) -> bool:
        import obstore

        try:
            obstore.head(self._store, name + SUFFIX)
        except Exception as error:
            if _is_missing(error):
                return False
            raise
        return True

    def _unavailable(self, what: str, error: Exception) -> StorageUnavailable:
        """Its first line says what was asked, which may be signed; its code says why."""
        if isinstance(error, StorageUnavailable):
            return error
        text = str(error)
        found = _CODE.search(text) or _STATUS.search(text)
        if found is not None:
            reason = found.group(1).strip()
        elif "timed out" in text or "TimedOut" in text:
            reason = "it does not answer in time"
        elif "error sending request" in text:
            reason = "it cannot be reached"
        else:
            reason = type(error).__name__
        return StorageUnavailable(f"{what} {self.place}: {reason}")


def _is_missing(error: Exception) -> bool:
    """Whether an object is missing, and not the bucket with all of them."""
    return isinstance(error, FileNotFoundError) and _NO_BUCKET not in str(error)


def _batches(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), _DELETED_TOGETHER):
        yield names[start : start + _DELETED_TOGETHER]
