"""One contract for the two places where sealed photos lie: a folder, and a bucket of a real S3 server."""

import os
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from db.blob_folder import FolderBlobs
from db.blob_s3 import S3Address, S3Blobs, read_s3_url
from db.blobs import BlobStore
from db.errors import PhotoMissing, StorageUnavailable
from tests.s3_server import S3Server, running_s3


@pytest.fixture(params=["folder", "s3"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    if request.param == "folder":
        return FolderBlobs(tmp_path / "vault")
    server = request.getfixturevalue("s3_server")
    assert isinstance(server, S3Server)
    return S3Blobs(server.new_bucket())


def names_in(blobs: BlobStore) -> set[str]:
    return {each.name for each in blobs.listed()}


def test_what_is_put_is_got_listed_and_deleted(blobs: BlobStore) -> None:
    assert names_in(blobs) == set()
    blobs.put("a1", b"one")
    blobs.put("b-2_", bytes(200_000))
    assert blobs.get("a1") == b"one"
    assert blobs.get("b-2_") == bytes(200_000)
    listed = {each.name: each for each in blobs.listed()}
    assert {name: each.size for name, each in listed.items()} == {"a1": 3, "b-2_": 200_000}
    assert all(abs(each.modified - datetime.now(UTC)) < timedelta(minutes=5) for each in listed.values())
    blobs.delete(["a1", "never-there"])
    assert names_in(blobs) == {"b-2_"}
    with pytest.raises(PhotoMissing):
        blobs.get("a1")
    blobs.delete(["a1"])
    blobs.delete([])


def test_what_is_put_again_takes_the_place_of_the_former(blobs: BlobStore) -> None:
    blobs.put("a", b"the former, which was longer")
    blobs.put("a", b"the new one")
    assert blobs.get("a") == b"the new one"
    assert [each.size for each in blobs.listed()] == [11]


def test_many_are_put_at_once_and_deleted_together(blobs: BlobStore) -> None:
    names = [f"{number:064x}" for number in range(40)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda name: blobs.put(name, name.encode()), names))
    assert names_in(blobs) == set(names)
    blobs.delete(names)
    assert names_in(blobs) == set()


def test_nothing_is_left_unfinished(blobs: BlobStore) -> None:
    blobs.put("a", b"one")
    assert blobs.drop_drafts(datetime.now(UTC) + timedelta(days=1)) == 0
    assert blobs.get("a") == b"one"


def test_a_place_is_named_without_its_secrets(blobs: BlobStore) -> None:
    assert "secret" not in blobs.place
    assert "BUNRITESTKEY" not in blobs.place
    assert "BUNRITESTKEY" not in repr(blobs)


def test_the_folder_and_its_files_are_their_owners_only(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path / "a" / "vault")
    blobs.put("a", b"one")
    assert (tmp_path / "a" / "vault").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "a" / "vault" / "a.sealed").stat().st_mode & 0o777 == 0o600


def test_what_another_writer_of_the_same_blob_left_or_is_writing_is_in_nobodys_way(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    for name in ("a.draft", "a.0123456789abcdef.draft"):
        (tmp_path / name).write_bytes(b"half")
    blobs.put("a", b"whole")
    assert blobs.get("a") == b"whole"
    assert [file.name for file in tmp_path.iterdir() if file.suffix == ".sealed"] == ["a.sealed"]


def test_with_a_blob_go_the_drafts_of_it_and_no_others(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    blobs.put("a", b"whole")
    for name in ("a.0123456789abcdef.draft", "a.fedcba9876543210.draft", "ab.0123456789abcdef.draft"):
        (tmp_path / name).write_bytes(b"half")
    blobs.delete(["a"])
    assert [file.name for file in tmp_path.iterdir()] == ["ab.0123456789abcdef.draft"]


def _link(path: Path) -> None:
    path.with_name("elsewhere").write_bytes(b"somebody's file")
    path.symlink_to(path.with_name("elsewhere"))


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, _link, _socket])
@pytest.mark.timeout(60)
def test_what_is_no_file_of_its_own_is_no_photo_and_holds_nobody_up(make: Callable[[Path], None]) -> None:
    with TemporaryDirectory() as folder:  # a short name, as a socket's path has to be
        make(Path(folder) / "a.sealed")
        with pytest.raises(PhotoMissing, match="is no regular file"):
            FolderBlobs(Path(folder)).get("a")


def test_drafts_of_dead_writers_are_dropped(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    for name, age in (("old.draft", 7200), ("young.draft", 0), ("old.sealed", 7200)):
        (tmp_path / name).write_bytes(b"half")
        then = datetime.now(UTC).timestamp() - age
        os.utime(tmp_path / name, (then, then))
    assert blobs.drop_drafts(datetime.now(UTC) - timedelta(hours=1)) == 1
    assert {file.name for file in tmp_path.iterdir()} == {"young.draft", "old.sealed"}


def test_what_cannot_be_deleted_is_said_to_be_there(tmp_path: Path) -> None:
    (tmp_path / "a.sealed").mkdir()
    with pytest.raises(StorageUnavailable, match="cannot be deleted"):
        FolderBlobs(tmp_path).delete(["a"])


@pytest.mark.parametrize(
    ("wrong", "reason"), [("secret_key", "SignatureDoesNotMatch"), ("bucket", "NoSuchBucket"), ("endpoint", "reached")]
)
def test_a_refusing_or_silent_server_is_one_clear_line_and_never_a_missing_photo(
    s3_server: S3Server, wrong: str, reason: str
) -> None:
    right = s3_server.new_bucket()
    values = {name: getattr(right, name) for name in right.__slots__}
    address = S3Address(**{**values, wrong: "http://127.0.0.1:9" if wrong == "endpoint" else "another"})
    blobs = S3Blobs(address)
    works = (
        lambda: blobs.put("a", b"one"),
        lambda: blobs.get("a"),
        lambda: blobs.delete(["a"]),
        lambda: list(blobs.listed()),
    )
    for work in works:
        with pytest.raises(StorageUnavailable, match=reason) as refused:
            work()
        assert "\n" not in str(refused.value)
        assert right.access_key not in str(refused.value)
        assert right.secret_key not in str(refused.value)


def test_a_server_that_goes_away_and_comes_back(tmp_path: Path) -> None:
    with running_s3(tmp_path) as server:
        address = server.new_bucket()
        blobs = S3Blobs(address)
        blobs.put("a", b"one")
        server.process.kill()
        server.process.wait()
        with pytest.raises(StorageUnavailable, match="cannot be reached"):
            blobs.delete(["a"])
    with running_s3(tmp_path) as server:
        again = S3Blobs(replace(address, endpoint=server.url))
        assert again.get("a") == b"one"


@pytest.mark.parametrize("url", ["s3:/bucket", "https://bucket", "s3://", "s3://key:secret@bucket/a", "bucket"])
def test_an_address_is_written_one_way(url: str) -> None:
    with pytest.raises(StorageUnavailable, match="s3://bucket/folder") as refused:
        read_s3_url(url)
    assert "secret@" not in str(refused.value)
    assert read_s3_url("s3://bucket/a/b/") == ("bucket", "a/b")
    assert read_s3_url("s3://bucket") == ("bucket", "")


class _Versions(BaseHTTPRequestHandler):
    """As a bucket answers that keeps old versions (Amazon S3 API, PutObject); it forgets all that it is given."""

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("ETag", '"e"')
        self.send_header("x-amz-version-id", "3sL4kqtJlcpXroDTDmJ")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        answer = b"<DeleteResult><Deleted><Key>kept/a.sealed</Key></Deleted></DeleteResult>"
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def do_HEAD(self) -> None:
        self.send_response(404)
        self.end_headers()

    def log_request(self, code: object = None, size: object = None) -> None:
        """Nothing."""


def test_a_bucket_that_keeps_what_is_deleted_is_refused() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Versions) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            url = f"http://127.0.0.1:{server.server_port}"
            with pytest.raises(StorageUnavailable, match="keeps old versions"):
                S3Blobs(S3Address("bucket", "kept", url, "us-east-1", "key", "secret")).put("a", b"one")
        finally:
            server.shutdown()
            thread.join()
