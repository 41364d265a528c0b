"""The way that compose.yaml gives the database's password: libpq reads a file, and a real server asks for it."""

import subprocess
import time
from pathlib import Path

import psycopg
import pytest

from bunri.database_url import database_url
from bunri.settings import DatabaseSettings
from db.errors import DatabaseError
from db.migrate import current, head, upgrade
from tests.container_files import DOCKER, services
from tests.databases import PostgresServer


@pytest.fixture
def passfile(tmp_path: Path) -> Path:
    """The file that the script makes."""
    folder = tmp_path / "secrets"
    subprocess.run(["sh", DOCKER / "make-secrets.sh", folder], check=True, capture_output=True)
    return folder / "database_passfile"


@pytest.fixture
def url(postgres_server: PostgresServer, passfile: Path) -> str:
    """compose's URL, the server reached by its socket; it asks bunri, and nobody else, for a password."""
    folder, password = postgres_server.folder, passfile.read_text(encoding="utf-8").strip().rsplit(":", 1)[1]
    rules = folder / "data" / "pg_hba.conf"
    asking = "local all bunri scram-sha-256\n"
    written = rules.read_text(encoding="utf-8")
    if not written.startswith(asking):
        rules.write_text(asking + written, encoding="utf-8")
    with psycopg.connect(host=str(folder), user="postgres", dbname="postgres", autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS bunri")
        connection.execute("DROP ROLE IF EXISTS bunri")
        connection.execute(f"CREATE ROLE bunri LOGIN PASSWORD '{password}'".encode())
        connection.execute("CREATE DATABASE bunri OWNER bunri")
        connection.execute("SELECT pg_reload_conf()")
    _wait_until_asked(folder)
    passfile.chmod(0o600)
    passfile.write_text(passfile.read_text(encoding="utf-8").replace("database:5432", f"{folder}:5432"))
    passfile.chmod(0o400)
    url: str = services()["web"]["environment"]["BUNRI_DATABASE__URL"]
    return url.replace("@database/", "@/").replace("/run/secrets/database_passfile", f"{passfile}&host={folder}")


def _wait_until_asked(folder: Path) -> None:
    """Reading pg_hba.conf again is not done when it is asked for."""
    for _ in range(300):
        try:
            psycopg.connect(host=str(folder), user="bunri", dbname="bunri", passfile="/dev/null").close()
        except psycopg.OperationalError:
            return
        time.sleep(0.1)
    raise AssertionError("the server lets bunri in without a password")


def _password_alone(passfile: Path, file: Path) -> None:
    file.write_text(passfile.read_text(encoding="utf-8").rsplit(":", 1)[1], encoding="utf-8")


def _open_to_a_group(path: Path) -> None:
    path.chmod(0o440)


async def test_the_password_comes_from_the_file(url: str) -> None:
    await upgrade(url)
    assert await current(url) == head()


async def test_a_file_that_others_can_read_is_not_used(url: str, passfile: Path) -> None:
    # Which is why the Kubernetes example, whose files are always open to a group, has Bunri read it.
    _open_to_a_group(passfile)
    with pytest.raises(DatabaseError):
        await upgrade(url)


async def test_bunri_itself_reads_a_password_that_a_group_may_read(url: str, passfile: Path, tmp_path: Path) -> None:
    file = tmp_path / "database_password"
    _password_alone(passfile, file)
    _open_to_a_group(file)
    without = url.replace(f"passfile={passfile}&", "")
    assert "passfile" not in without
    with pytest.raises(DatabaseError):
        await upgrade(without)
    whole = database_url(DatabaseSettings(url=without, password_file=file))
    await upgrade(whole)
    assert await current(whole) == head()
