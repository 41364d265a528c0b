"""The small parts of the web adapter: who a client is, tokens, pages, and cards as JSON."""

import json
import re
from unittest.mock import Mock

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from bots.actions import ShowGuide, ShowLabels
from bots.messages import load_messages
from bots.regions import Region
from bots.reply import Button, Card, CardKind, Score
from bots.web import WebOptions, csrf
from bots.web.admission import Admission
from bots.web.card_json import card_json
from bots.web.client import client_key, is_encrypted, language_of, resident_of
from bots.web.errors import Refusal, RequestRefusedError
from bots.web.page import load_assets, load_template, page_texts, region_texts, render, with_regions
from inference.labels import Label

BEHIND_A_PROXY = WebOptions(trust_proxy=True)


def request_from(address: str, path: str = "/", **headers: str) -> web.Request:
    transport = Mock()
    transport.get_extra_info = lambda name, default=None: (address, 1) if name == "peername" else default
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return make_mocked_request("GET", path, headers=named, transport=transport)


def test_a_client_is_its_address_whatever_headers_it_invents() -> None:
    assert client_key(request_from("203.0.113.9", X_Forwarded_For="1.2.3.4"), WebOptions()) == "203.0.113.9"


def test_behind_a_proxy_only_the_entry_that_the_proxy_wrote_counts() -> None:
    request = request_from("127.0.0.1", X_Forwarded_For="1.2.3.4, 203.0.113.9")
    assert client_key(request, BEHIND_A_PROXY) == "203.0.113.9"


def test_a_proxy_that_adds_a_header_line_of_its_own_is_believed_and_not_the_clients() -> None:
    both = [("X-Forwarded-For", "1.2.3.4"), ("X-Forwarded-For", "203.0.113.9")]
    request = make_mocked_request("GET", "/", headers=CIMultiDict(both))
    assert client_key(request, BEHIND_A_PROXY) == "203.0.113.9"


def test_a_household_with_ipv6_is_one_client() -> None:
    keys = {client_key(request_from(f"2001:db8:1:2::{n}"), WebOptions()) for n in (1, 2, 3)}
    assert keys == {"2001:db8:1:2::/64"}
    assert client_key(request_from("2001:db8:1:3::1"), WebOptions()) not in keys
    assert client_key(request_from("::ffff:203.0.113.9"), WebOptions()) == "203.0.113.9"


def test_rubbish_in_the_proxys_header_makes_one_client_of_all_who_send_it() -> None:
    requests = [request_from("127.0.0.1", X_Forwarded_For=text) for text in ("x", "y" * 500)]
    keys = {client_key(request, BEHIND_A_PROXY) for request in requests}
    assert keys == {"unknown"}


def test_https_at_the_proxy_counts_only_when_the_proxy_is_trusted() -> None:
    request = request_from("127.0.0.1", X_Forwarded_Proto="https")
    assert is_encrypted(request, BEHIND_A_PROXY)
    assert not is_encrypted(request, WebOptions())


@pytest.mark.parametrize(
    ("path", "cookie", "accepts", "language"),
    [
        ("/?language=en", "bunri-language=ko", "ko", "en"),
        ("/?language=fr", "bunri-language=ko", "en", "ko"),
        ("/", "bunri-language=fr", "en", "en"),
        ("/", "", "", "ko"),
    ],
)
def test_the_language_asked_for_wins_then_the_remembered_then_the_browsers(
    path: str, cookie: str, accepts: str, language: str
) -> None:
    request = request_from("127.0.0.1", path, Cookie=cookie, Accept_Language=accepts)
    assert language_of(request, WebOptions()) == language


@pytest.mark.parametrize(
    ("path", "cookie", "region"),
    [
        ("/?region=intl", "bunri-region=kr-jungnang", "intl"),
        ("/?region=fr", "bunri-region=kr-jungnang", "kr-jungnang"),
        ("/?region=../kr", "bunri-region=../../etc/passwd", "kr"),
        ("/?region=", "bunri-region=KR", "kr"),
        ("/", "", "kr"),
    ],
)
def test_the_region_asked_for_wins_then_the_remembered_then_the_setting(path: str, cookie: str, region: str) -> None:
    request = request_from("127.0.0.1", path, Cookie=cookie)
    known = {"kr", "kr-jungnang", "intl"}
    assert resident_of(request, WebOptions(region="kr"), known).region == region


def test_a_token_goes_with_its_session_and_with_no_other() -> None:
    session = csrf.new_session()
    good = {"Cookie": f"{csrf.COOKIE}={session}", "X_Bunri_Token": csrf.token_of(session)}
    assert csrf.is_ours(request_from("127.0.0.1", **good))
    others = {"Cookie": f"{csrf.COOKIE}={csrf.new_session()}", "X_Bunri_Token": csrf.token_of(session)}
    assert not csrf.is_ours(request_from("127.0.0.1", **others))
    assert not csrf.is_ours(request_from("127.0.0.1", X_Bunri_Token=csrf.token_of(session)))
    assert not csrf.is_ours(request_from("127.0.0.1", Cookie=good["Cookie"]))
    assert not csrf.is_ours(request_from("127.0.0.1", Cookie=good["Cookie"], X_Bunri_Token="토큰"))


def test_a_session_of_another_shape_is_no_session() -> None:
    short = {"Cookie": f"{csrf.COOKIE}=abc", "X_Bunri_Token": csrf.token_of("abc")}
    assert not csrf.is_ours(request_from("127.0.0.1", **short))


def test_a_client_that_holds_all_its_places_waits_and_the_others_do_not() -> None:
    admission = Admission(WebOptions(uploads_per_client=1, uploads=2))
    with admission.upload("a"):
        with pytest.raises(RequestRefusedError) as refused, admission.upload("a"):
            pass
        assert refused.value.refusal is Refusal.TOO_OFTEN
        with admission.upload("b"):
            with pytest.raises(RequestRefusedError) as busy, admission.upload("c"):
                pass
            assert busy.value.refusal is Refusal.BUSY
            assert busy.value.retry_after
    with admission.upload("a"), admission.upload("c"):
        pass


def test_a_card_becomes_json_with_the_ids_of_its_actions() -> None:
    card = Card(
        CardKind.ASK,
        "which?",
        scores=(Score(Label.PAPER, "Paper", 0.5),),
        buttons=(Button("Paper", ShowGuide(Label.PAPER), Label.PAPER), Button("none", ShowLabels())),
    )
    told = json.loads(json.dumps(card_json(card)))
    assert told["kind"] == "ask"
    assert told["scores"] == [{"label": "paper", "name": "Paper", "p": 0.5}]
    assert told["buttons"] == [
        {"text": "Paper", "action": "guide:paper", "label": "paper"},
        {"text": "none", "action": "labels", "label": None},
    ]
    assert told["guide"] is None


def test_a_page_is_escaped_and_leaves_no_place_unfilled() -> None:
    texts = page_texts(load_messages().of("en"), photos=10, megabytes=20)
    texts["page-lead"] = "</span><script>alert(1)</script>"
    offered = (Region("kr", "<Korea>", (Region("kr-x", 'A "town"'),)), Region("intl", "Elsewhere"))
    page = with_regions(render(load_template(), texts | region_texts(offered), "en"), offered, "kr-x")
    assert "<script>alert(1)" not in page
    assert "{{" not in page
    assert "{=" not in page
    assert "{texts}" not in page
    assert "{regions}" not in page
    assert "<Korea>" not in page
    assert page.count(" selected>") == 1
    assert ' selected>A &quot;town&quot;</option></optgroup><option value="intl"' in page
    assert '<html lang="en">' in page


def test_the_page_loads_nothing_from_elsewhere_and_holds_no_inline_style_or_script() -> None:
    everything = load_template() + "".join(
        asset.content.decode() for asset in load_assets().values() if asset.content_type != "image/svg+xml"
    )
    assert set(re.findall(r"https?://[^\s\"')]+", everything)) == {"http://www.w3.org/2000/svg"}
    template = load_template()
    assert " style=" not in template
    assert " onclick=" not in template
    assert "innerHTML" not in everything
