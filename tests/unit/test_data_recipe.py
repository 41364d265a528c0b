from pathlib import Path

import pytest

from tests.tiny_photos import scene, write_photo
from training.data_recipe import DataError, Role, list_photos, load_data_recipe

RECIPE = """
name: tiny
sources:
  - name: shop
    folder: shop
    role: split
    folders: {cans: metal, boxes: [cardboard, paper]}
    tables:
      - folder: jars
        file: jars.csv
        values: {green: green-glass, any: [brown-glass, green-glass, white-glass]}
  - {name: street, folder: street, role: strangers, folders: {".": plastic}}
"""


@pytest.fixture
def recipe_file(tmp_path: Path) -> Path:
    file = tmp_path / "tiny.yaml"
    file.write_text(RECIPE, "utf-8")
    root = tmp_path / "data"
    for path in (
        "shop/cans/b.png",
        "shop/cans/a.png",
        "shop/boxes/c.png",
        "shop/jars/d.png",
        "shop/jars/e.png",
    ):
        write_photo(root, path, scene(0, 16, 16))
    write_photo(root, "shop/jars/unlisted.png", scene(0, 16, 16))
    write_photo(root, "street/f.jpg", scene(0, 16, 16))
    (root / "shop/cans/notes.txt").write_text("not a photo", "utf-8")
    (root / "jars.csv").write_text("file,label\nd.png,green\ne.png,any\n", "utf-8")
    return file


def test_folders_and_tables_give_labels_and_sets_of_labels(recipe_file: Path, tmp_path: Path) -> None:
    photos = list_photos(tmp_path / "data", load_data_recipe(str(recipe_file)))
    assert [(photo.path, photo.labels) for photo in photos[Role.SPLIT]] == [
        ("shop/cans/a.png", ("metal",)),
        ("shop/cans/b.png", ("metal",)),
        ("shop/boxes/c.png", ("cardboard", "paper")),
        ("shop/jars/d.png", ("green-glass",)),
        ("shop/jars/e.png", ("brown-glass", "green-glass", "white-glass")),
    ]
    assert [photo.path for photo in photos[Role.STRANGERS]] == ["street/f.jpg"]
    assert photos[Role.NONWASTE] == []


def test_the_shipped_recipe_is_valid() -> None:
    recipe = load_data_recipe("waste")
    assert {source.role for source in recipe.sources} == set(Role)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("cans: metal", "cans: tin"), "source shop: unknown label"),
        (("green: green-glass", "green: lime"), "source shop: unknown label"),
        (("cans: metal", "cans: []"), "source shop: unknown label"),
        (("role: split", "role: exam"), "role"),
        (("name: tiny", "nam: tiny"), "nam"),
        (("sources:", "sources: ["), "tiny.yaml"),
    ],
)
def test_a_faulty_recipe_is_refused_naming_the_fault(recipe_file: Path, change: tuple[str, str], said: str) -> None:
    recipe_file.write_text(RECIPE.replace(*change), "utf-8")
    with pytest.raises(DataError, match=said):
        load_data_recipe(str(recipe_file))


def test_an_unknown_recipe_names_the_shipped_ones() -> None:
    with pytest.raises(DataError, match="waste"):
        load_data_recipe("nothing")


def test_a_missing_source_folder_is_named(recipe_file: Path, tmp_path: Path) -> None:
    (tmp_path / "data" / "street").rename(tmp_path / "elsewhere")
    with pytest.raises(DataError, match="street: the folder of source street is missing"):
        list_photos(tmp_path / "data", load_data_recipe(str(recipe_file)))


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (None, "not a readable table"),
        ("name,label\nd.png,green\n", "needs the columns"),
        ("file,label\nd.png,purple\n", "d.png has the unknown label 'purple'"),
    ],
)
def test_a_faulty_table_is_named(recipe_file: Path, tmp_path: Path, table: str | None, said: str) -> None:
    file = tmp_path / "data" / "jars.csv"
    if table is None:
        file.unlink()
    else:
        file.write_text(table, "utf-8")
    with pytest.raises(DataError, match=said):
        list_photos(tmp_path / "data", load_data_recipe(str(recipe_file)))
