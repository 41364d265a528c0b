"""The sums of docs/scaling.md, worked out again from the assumptions that stand above them."""

import math
import re

import pytest

from bunri.settings import Settings
from tests.conftest import PROJECT_ROOT

WEEK_S = 604_800
TELEGRAM_A_SECOND = 30
WRITES_A_PHOTO = 3
PHOTO_BYTES = 300_000
ROW_BYTES = 500

TEXT = (PROJECT_ROOT / "docs" / "scaling.md").read_text(encoding="utf-8")


def table(heading: str) -> dict[str, list[float]]:
    """The numbers of the table under a heading, by what their row is called."""
    section = TEXT.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:1] == "|"]
    figures = [row for row in rows if row[0] != "quantity" and not row[0].startswith("---")]
    return {name: [float(re.sub(r"[,% ]", "", each)) for each in numbers] for name, *numbers in figures}


@pytest.mark.parametrize("column", [0, 1], ids=["modest", "high"])
def test_the_sums_of_the_city(column: int) -> None:
    city = {name: numbers[column] for name, numbers in table("A city of 10 million").items()}
    a_week = city["residents"] * city["share that asks in a week"] / 100 * city["photos a week each"]
    peak = a_week / WEEK_S * city["peak over mean"]
    rows = a_week / 7 * Settings().database.queries_days
    assert city["photos a week"] == a_week
    assert city["photos a second, mean"] == round(a_week / WEEK_S, 1)
    assert city["photos a second, peak"] == round(peak, 1)
    assert city["Telegram bots, if all write there"] == math.ceil(peak / TELEGRAM_A_SECOND)
    assert city["Mbit/s of photos at the peak"] == round(peak * PHOTO_BYTES * 8 / 1e6)
    assert city["database writes a second at the peak"] == round(peak * WRITES_A_PHOTO)
    assert city["rows of the log after 180 days"] == round(rows)
    assert city["gigabytes of the log"] == round(rows * ROW_BYTES / 1e9)


@pytest.mark.parametrize("column", [0, 1], ids=["modest", "high"])
def test_the_hosts_that_the_city_needs_come_from_what_was_measured(column: int) -> None:
    measured = (PROJECT_ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    found = re.search(r"^\| Bunri \| ([\d.]+) \|$", measured, re.MULTILINE)
    assert found
    city = {name: numbers[column] for name, numbers in table("A city of 10 million").items()}
    assert city["photos a second of one host"] == float(found[1])
    assert city["hosts"] == math.ceil(city["photos a second, peak"] / (0.6 * float(found[1]))) + 1


def test_the_sums_of_the_servers() -> None:
    discord = {name: number for name, (number,) in table("All Discord servers of a country").items()}
    a_week = discord["servers"] * discord["photos a week a server"]
    assert discord["photos a week"] == a_week
    assert discord["photos a second, mean"] == round(a_week / WEEK_S, 1)
    assert discord["photos a second, peak"] == round(a_week / WEEK_S * discord["peak over mean"], 1)
    assert discord["shards at 1,000 servers"] == discord["servers"] / 1000
    assert discord["shards at 2,500 servers"] == discord["servers"] / 2500
    assert discord["minutes until 200 shards are up, one every 5 s"] == round(
        discord["shards at 1,000 servers"] * 5 / 60
    )


def test_the_sums_in_the_sentences() -> None:
    high = table("A city of 10 million")["photos a second, peak"]
    assert f"{TELEGRAM_A_SECOND / high[0]:.1f} times the peak" in TEXT
    assert 1165 / high[1] > 7
    assert high[1] / 2 > 79
    measured = (PROJECT_ROOT / "README.md").read_text(encoding="utf-8")
    assert "| 165; 141 MB |" in measured, "the figure that docs/scaling.md quotes"
