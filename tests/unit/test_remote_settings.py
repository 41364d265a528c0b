"""From settings to the client of inference hosts: what is accepted, what is refused, and what is not loaded."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from bunri.failures import setting_problems
from bunri.log_setup import secrets_of
from bunri.settings import InferenceSettings, Settings
from bunri.wiring import open_inference, remote_options
from inference.errors import HostsMisconfigured, InferenceClosed
from inference.remote.client import RemoteInference
from tests.faulty_host import authority
from tests.unit.test_layering import loaded_of


def with_urls(urls: str, **chosen: object) -> InferenceSettings:
    return InferenceSettings.model_validate({"urls": urls, **chosen})


@pytest.mark.parametrize(
    ("written", "urls"),
    [
        ("", ()),
        ("https://a.example", ("https://a.example/",)),
        ("https://a.example, http://b.example:90/x/", ("https://a.example/", "http://b.example:90/x")),
        ('["https://a.example", "https://a.example/"]', ("https://a.example/",)),
    ],
)
def test_hosts_stand_in_a_row(written: str, urls: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUNRI_INFERENCE__URLS", written)
    assert Settings().inference.urls == urls


def test_a_wrong_address_is_told_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUNRI_INFERENCE__URLS", "https://me:hidden@a.example")
    with pytest.raises(ValidationError) as caught:
        Settings()
    (sentence,) = setting_problems(caught.value)
    assert sentence.startswith("BUNRI_INFERENCE__URLS: ")
    assert "hidden" not in sentence


def test_options_are_what_was_set(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-a-file\n")
    chosen = with_urls(
        "https://a.example",
        token_file=tmp_path / "token",
        ca_file=authority().write(tmp_path),
        timeout_s=5,
        read_timeout_s=2,
        max_bytes=7,
    )
    options = remote_options(chosen)
    assert [str(host) for host in options.hosts] == ["https://a.example/"]
    assert (options.token, options.timeout_s, options.read_s, options.max_bytes) == ("from-a-file", 5, 2, 7)
    assert options.tls is not None
    assert len(options.tls.get_ca_certs()) == 1, "no other authority is believed"


def test_files_that_cannot_be_used_are_told_in_a_sentence(tmp_path: Path) -> None:
    garbage = tmp_path / "garbage.pem"
    garbage.write_text("no certificate")
    cases: list[tuple[dict[str, object], str]] = [
        ({"token_file": tmp_path / "none"}, "BUNRI_INFERENCE__TOKEN_FILE"),
        ({"ca_file": tmp_path / "none"}, "cannot be read"),
        ({"ca_file": garbage}, "holds no certificate"),
        ({"token": SecretStr("two\nlines")}, "BUNRI_INFERENCE__TOKEN"),
    ]
    for chosen, words in cases:
        with pytest.raises(HostsMisconfigured, match=words):
            remote_options(with_urls("https://a.example", **chosen))


def test_the_token_is_kept_out_of_logs(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-a-file\n")
    settings = Settings()
    settings = settings.model_copy(update={"inference": InferenceSettings(token_file=tmp_path / "token")})
    assert "from-a-file" in secrets_of(settings)


async def test_hosts_need_no_weights(tmp_path: Path) -> None:
    inference = await open_inference(with_urls("https://a.example", weights=tmp_path / "none"))
    assert isinstance(inference, RemoteInference)
    await inference.close()
    with pytest.raises(InferenceClosed):
        await inference.classify(b"photo")


def test_a_bot_that_asks_hosts_loads_nothing_that_runs_models() -> None:
    start = """
import asyncio
import bunri.service, bunri.adapters, bots.telegram.adapter, bots.discord.adapter
from bunri.settings import InferenceSettings
from bunri.wiring import open_inference
async def use():
    await (await open_inference(InferenceSettings(urls="https://a.example"))).close()
asyncio.run(use())
"""
    assert loaded_of(("openvino", "torch", "pillow_heif"), start) == []
