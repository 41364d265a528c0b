"""The parts of the admin page that need no socket: tokens, stays, filters, zips, words, settings."""

import io
import re
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image
from pydantic import SecretStr, ValidationError

from bots.cards import CardWriter
from bots.info_cards import statistics_card
from bots.messages import load_messages
from bots.web.admin.admin_page import ASSETS, admin_texts, label_keys
from bots.web.admin.bodies import Filters
from bots.web.admin.people import AdminPerson, new_token, person_with, token_digest
from bots.web.admin.queue_folder import QueueFolder
from bots.web.admin.scratch import Scratch, sweep
from bots.web.admin.sessions import Sessions
from bots.web.admin.thumbnails import shrunk
from bots.web.admin.zip_stream import zipped
from bots.web.errors import Refusal, RequestRefusedError
from bunri.admin_check import admin_check
from bunri.admin_parts import admin_people
from bunri.check import State
from bunri.commands import admin
from bunri.settings import AdminSettings, Settings, VaultSettings
from db.precision import ClassPrecision
from db.statistics import Statistics
from db.times import utc_now
from guides import LANGUAGES, Language, load_guides
from inference.labels import Label
from tests.db_rows import NOW
from tests.kept_photos import photo

ANNA = AdminPerson("anna", True, token_digest("one"))
BORA = AdminPerson("bora", False, token_digest("two"))


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_token_finds_its_person_and_nobody_else() -> None:
    assert person_with("two", (ANNA, BORA)) == BORA
    assert person_with(" one\n", (ANNA, BORA)) == ANNA
    assert person_with("three", (ANNA, BORA)) is None
    assert person_with("\ud800", (ANNA,)) is None
    assert len({new_token() for _ in range(100)}) == 100
    assert ANNA.token_sha256 not in repr(ANNA)


def test_a_stay_ends_when_nothing_is_done_in_it_and_at_last_in_any_case() -> None:
    clock = Clock()
    sessions = Sessions(longest=100, idle=10, clock=clock)
    idle, busy = sessions.open(ANNA), sessions.open(BORA)
    for _ in range(12):
        clock.now += 8
        assert sessions.find(busy.id) is (busy if clock.now < 100 else None)
    assert sessions.find(idle.id) is None
    clock.now += 8
    assert sessions.find(busy.id) is None
    assert sessions.take_ended() == [idle, busy]
    assert sessions.take_ended() == []


def test_a_stay_was_over_when_it_was_and_not_when_somebody_looked() -> None:
    clock = Clock()
    sessions = Sessions(longest=100, idle=10, clock=clock)
    idle = sessions.open(ANNA)
    clock.now += 3_610
    assert sessions.take_ended() == [idle]
    assert idle.ended is not None
    assert utc_now() - idle.ended >= timedelta(hours=1)
    sessions.put_back([idle])
    assert sessions.take_ended() == [idle], "it could not be dealt with before"


def test_one_person_has_five_stays_and_a_closed_one_is_over() -> None:
    clock = Clock()
    sessions = Sessions(longest=100, idle=100, clock=clock)
    other = sessions.open(BORA)
    opened = []
    for _ in range(6):
        clock.now += 1
        opened.append(sessions.open(ANNA))
    assert [sessions.find(each.id) is not None for each in opened] == [False, True, True, True, True, True]
    sessions.close(opened[5])
    sessions.close(opened[5])
    assert sessions.find(opened[5].id) is None
    assert sessions.find(other.id) is other
    sessions.close_all()
    assert len(sessions.take_ended()) == 7


def test_filters_are_those_of_an_export() -> None:
    filters = Filters.model_validate(
        {"label": ["paper"], "platform": ["web"], "since": "2026-05-04", "most_margin": "0.2", "unlabelled": "true"}
    )
    request = filters.request(with_discord=True, form="csv", limit=3)
    assert (request.labels, request.platforms, request.most_margin, request.unlabelled) == (
        ("paper",),
        ("web",),
        0.2,
        True,
    )
    assert (request.with_discord, request.format, request.limit) == (True, "csv", 3)
    assert request.since is not None
    assert request.since.isoformat() == "2026-05-04T00:00:00+00:00"


@pytest.mark.parametrize("biased", [{"label": ["paper"]}, {"most_margin": 0.5}, {"disagreement": True}])
def test_what_asks_for_the_models_mistakes_shows_no_ordinary_day(biased: dict[str, object]) -> None:
    assert Filters.model_validate({"platform": ["web"], "unlabelled": True}).request(with_discord=False).is_fair
    assert not Filters.model_validate(biased).request(with_discord=False).is_fair


def test_a_zip_comes_in_pieces_and_opens(tmp_path: Path) -> None:
    folder = tmp_path / "export"
    (folder / "images").mkdir(parents=True)
    (folder / "images" / "a.jpg").write_bytes(bytes(600_000))
    (folder / "classes.txt").write_text("paper\n")
    pieces = list(zipped(folder))
    assert max(len(each.data) for each in pieces) < 300_000
    names = [each.file.name if each.file else "" for each in pieces]
    assert names == ["classes.txt", *["a.jpg"] * 3, ""]
    with zipfile.ZipFile(io.BytesIO(b"".join(each.data for each in pieces))) as archive:
        assert archive.namelist() == ["export/classes.txt", "export/images/a.jpg"]
        assert archive.testzip() is None
        assert archive.read("export/classes.txt") == b"paper\n"
        assert archive.infolist()[0].date_time[0] == 1980


def test_the_scratch_folder_is_one_processs_and_empty_before_and_after(tmp_path: Path) -> None:
    folder = tmp_path / "scratch"
    sweep(folder)
    assert not folder.exists()
    scratch = Scratch(folder)
    scratch.export.mkdir()
    (scratch.export / "a.jpg").write_bytes(b"photo")
    with pytest.raises(RequestRefusedError) as raised:
        Scratch(folder)
    assert raised.value.refusal is Refusal.EXPORTING
    sweep(folder)
    assert scratch.export.exists(), "somebody is at it"
    scratch.release()
    assert [each.name for each in folder.iterdir()] == [".lock"]
    assert folder.stat().st_mode & 0o777 == 0o700


def test_what_a_killed_process_left_of_a_queue_goes_once_nobody_else_is_at_it(tmp_path: Path) -> None:
    folder = tmp_path / "queue"
    QueueFolder(folder).sweep()
    assert not folder.exists()
    busy = QueueFolder(folder)
    assert busy.path() == folder
    left = folder / "bunri-queue-1"
    left.mkdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    QueueFolder(folder).sweep()
    assert left.exists(), "somebody is at it"
    beside = QueueFolder(folder)
    assert beside.path() == folder, "several may be"
    busy.close()
    beside.close()
    QueueFolder(folder).sweep()
    assert not left.exists()
    (tmp_path / "file").touch()
    assert QueueFolder(tmp_path / "file" / "queue").path() is None


def test_a_photo_is_made_smaller_and_never_larger() -> None:
    for side, made in ((100, (100, 100)), (2_000, (400, 400))):
        assert Image.open(io.BytesIO(shrunk(photo(1, side=400), side))).size == made


def test_every_label_has_a_key() -> None:
    keys = [each["key"] for each in label_keys()]
    assert len(set(keys)) == 12
    assert not set(keys) & set("xuz")


def test_the_admin_page_uses_every_text_of_its_own_and_no_other() -> None:
    texts = admin_texts(load_messages().of("ko"))
    own = {key for key in texts if not key.startswith("label-")}
    sources = [file.read_text(encoding="utf-8") for file in ASSETS.iterdir()]
    named = {key for source in sources for key in re.findall(r'\{\{([a-z-]+)\}\}|text\("([a-z-]+)"', source)}
    used = {one or other for one, other in named}
    made = {key for key in own if re.match(r"(platform|reject|count)-", key)}
    assert used | made == own
    assert admin_texts(load_messages().of("en")).keys() == texts.keys()


def test_tokens_are_digests_of_people_with_a_role(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    file.write_text(f"# the town hall\n\nbora:{BORA.token_sha256}\nchai:{BORA.token_sha256}\n")
    settings = AdminSettings(
        people=("anna:exporter", "bora:reviewer", "dora:reviewer"),
        tokens=SecretStr(f"anna:{ANNA.token_sha256},"),
        tokens_file=file,
    )
    assert admin_people(settings) == (ANNA, BORA)
    file.write_text("bora:one of sixteen or more\n")
    with pytest.raises(ValueError, match="bunri admin token"):
        settings.read_tokens()
    with pytest.raises(ValidationError) as raised:
        AdminSettings(tokens=SecretStr("anna:the token itself"))
    assert "the token itself" not in str(raised.value.errors(include_input=False))


def test_the_doctor_says_what_the_admin_page_wants() -> None:
    def said(admin: AdminSettings, *, keeps: bool = True) -> tuple[State, str]:
        check = admin_check(Settings(admin=admin, vault=VaultSettings(keep_photos=keeps)))
        return check.state, f"{check.found} {check.remedy}"

    people, token = ("anna:exporter", "bora:reviewer"), SecretStr(f"anna:{ANNA.token_sha256}")
    for admin_, keeps, state, words in (
        (AdminSettings(), True, State.NOTE, "nobody is in BUNRI_ADMIN__PEOPLE"),
        (AdminSettings(people=people), True, State.NOTE, "bunri admin token anna"),
        (AdminSettings(people=people, tokens=token), False, State.NOTE, "BUNRI_VAULT__KEEP_PHOTOS=true"),
        (AdminSettings(people=people, tokens=token), True, State.OK, "1 people can sign in at /admin; without a token"),
        (AdminSettings(people=people[1:], tokens=token), True, State.PROBLEM, "no role: anna"),
        (AdminSettings(people=people, tokens_file=Path("/nowhere")), True, State.PROBLEM, "No such file"),
    ):
        found, told = said(admin_, keeps=keeps)
        assert found is state
        assert words in told


def test_the_command_makes_a_token_that_opens_the_page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BUNRI_ADMIN__PEOPLE", "anna:exporter")
    made = CliRunner().invoke(admin.command, ["token", "anna"])
    assert (made.exit_code, made.stderr) == (0, "")
    shown = re.search(r"shown once: +(\S+)", made.stdout)
    line = re.search(r"(anna:[0-9a-f]{64})$", made.stdout, re.MULTILINE)
    assert shown is not None
    assert line is not None
    (anna,) = admin_people(AdminSettings(people=("anna:exporter",), tokens=SecretStr(line[1])))
    assert person_with(shown[1], (anna,)) is anna
    assert "has no role yet" in CliRunner().invoke(admin.command, ["token", "bora"]).stderr
    assert CliRunner().invoke(admin.command, ["token", "an na"]).exit_code == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_figures_card_says_how_often_the_model_was_right_where_people_looked(language: Language) -> None:
    writer = CardWriter(load_messages().of(language), load_guides(), "kr")
    assert len(statistics_card(Statistics(NOW, 3), 30, writer).paragraphs) == 1
    precision = (
        ClassPrecision("old 1", "paper", 2, 2, 0, 0),
        ClassPrecision("new 2", "metal", 10, 7, 2, 1),
        ClassPrecision("new 2", "paper", 5, 5, 0, 0),
        ClassPrecision("new 2", "no label of ours", 5, 5, 0, 0),
    )
    told = statistics_card(Statistics(NOW, 3), 30, writer, precision).paragraphs[-1].splitlines()
    assert len(told) == 3
    assert "15" in told[0]
    assert {"7", "10"} <= set(re.findall(r"\d+", told[1]))
    assert writer.name(Label.METAL) in told[1]
