"""What labelling tools write, and what else may be in a file that is to be imported."""

import codecs
import json
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.importing.errors import ImportUnreadable
from db.importing.source import open_source
from db.importing.vote import Read, Reason, Refusal, Vote
from db.spreadsheet import csv_lines

A, B = "a" * 32, "b" * 32


def read(file: Path) -> list[Read]:
    return list(open_source(file)[1])


def votes(file: Path) -> list[tuple[str, str, str]]:
    return [(each.item_id, each.label, each.annotator) for each in read(file) if isinstance(each, Vote)]


def refusals(file: Path) -> list[tuple[str, Reason]]:
    return [(each.place, each.reason) for each in read(file) if isinstance(each, Refusal)]


def written(tmp_path: Path, content: str | bytes, name: str = "file") -> Path:
    file = tmp_path / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


CSV = f"item_id,label\n{A},paper\n{B},metal\n"


@pytest.mark.parametrize(
    "content",
    [
        CSV.encode(),
        codecs.BOM_UTF8 + CSV.encode(),
        CSV.replace("\n", "\r\n").encode(),
        codecs.BOM_UTF16_LE + CSV.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + CSV.replace("\n", "\r\n").encode("utf-16-be"),
        CSV.replace(",", ";").encode(),
        CSV.replace(",", "\t").encode(),
        CSV.replace("item_id", '"Item_ID"').encode(),
        f"file_name,label,note\nimages/{A}.jpg, paper ,x\n{B}.jpg,metal,\n".encode(),
        f"\n{CSV}".encode().lstrip(),
    ],
)
def test_a_table_is_read_however_a_spreadsheet_saved_it(tmp_path: Path, content: bytes) -> None:
    assert votes(written(tmp_path, content)) == [(A, "paper", ""), (B, "metal", "")]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\xff\xd8\xff\xe0 a photo", "neither UTF-8 nor UTF-16"),
        ("품목,라벨\n".encode("cp949"), "neither UTF-8 nor UTF-16"),
        (b"id,class\n1,paper\n", "line 1 must name the columns item_id and label"),
        (b"hello", "line 1 must name the columns"),
        (b'item_id,label\n"a,paper\n', "line 2"),
        (b'item_id,label\na,paper\n"' + b"x" * 200_000 + b'",paper\n', "line 3"),
        (b"item_id,label\n" + b"x" * (2 << 20), "too long"),
        (b"{}", "line 1: a list of tasks"),
        (b"[1, 2]", "line 1: an object"),
        (b'[{"a": 1}\n{"b": 2}]', "line 2: a comma"),
        (b'[{"a": 1},\n\n{"b": ]', "line 3: "),
        (b'[{"a": 1}', "a comma or the end"),
        (b'[{"a": 1}] more', "nothing is expected"),
        (b"[" + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"]", "nested too deeply"),
        (b'[{"a": ' + b"9" * 5_000 + b"}]", "too long a number"),
        (b"<html></html>", "<annotations> is expected"),
        (b"<annotations><image>", "line 1"),
        (b"PK\x03\x04 not a zip", "damaged zip"),
    ],
)
def test_what_is_no_such_file_is_refused_with_its_line(tmp_path: Path, content: bytes, says: str) -> None:
    with pytest.raises(ImportUnreadable, match=says) as refused:
        read(written(tmp_path, content))
    assert len(str(refused.value)) < 400


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportUnreadable, match="cannot be read"):
        read(tmp_path / "nowhere")


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "huge.json"
    with file.open("wb") as sparse:
        sparse.write(b"[")
        sparse.truncate(2_000_000_000)
    with pytest.raises(ImportUnreadable, match="too large"):
        read(file)


def test_an_element_that_never_ends_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportUnreadable, match="line 1"):
        read(written(tmp_path, '[{"a": "' + "x" * (20 << 20)))


def test_a_row_that_never_ends_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    """Each line closes a quoted cell and opens another: no line is long, and no row ends."""
    line = '",' + "ab," * 3_000 + '"\n'
    file = written(tmp_path, f'item_id,label\n{A},paper\n"' + line * 1_000)
    tracemalloc.start()
    try:
        with pytest.raises(ImportUnreadable, match="line 3: its row is too long"):
            read(file)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 100_000_000


def test_the_longest_row_is_of_characters_and_not_of_the_file(tmp_path: Path) -> None:
    note = '"' + "a note\n" * 10_000 + '"'
    rows = "".join(f"{A},paper,{note}\n" for _ in range(30))
    assert len(votes(written(tmp_path, f"item_id,label,note\n{rows}"))) == 30


ENTITIES = f"""<?xml version="1.0"?>
<!DOCTYPE annotations [<!ENTITY a "paper"><!ENTITY b SYSTEM "file:///etc/passwd">]>
<annotations><image name="{A}.jpg"><tag label="&a;&b;"/></image></annotations>"""


def test_xml_with_entities_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportUnreadable, match="line 2: a document type is not taken"):
        read(written(tmp_path, ENTITIES))


def test_tags_of_cvat_are_read_with_their_line(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        f"""<?xml version="1.0" encoding="utf-8"?>
<annotations><version>1.1</version><meta><task><labels><label><name>paper</name></label></labels></task></meta>
<image id="0" name="out/images/{A}.jpg" width="1" height="1"><tag label="paper" source="manual"></tag></image>
<image id="1" name="{B}.jpg"/>
<image id="2" name="c.jpg"><tag label="metal" source="file"/></image>
<image id="3" name="d.jpg"><tag label="metal"/><tag label="paper"/></image>
</annotations>""",
    )
    assert votes(file) == [(A, "paper", ""), ("d", "metal", ""), ("d", "paper", "")]
    assert refusals(file) == [("line 4", Reason.NO_LABEL), ("line 5", Reason.NOT_REVIEWED)]


@pytest.mark.parametrize(
    ("inside", "says"),
    [
        (f'<image name="{"x" * 300_000}.jpg"/>', "a tag is longer"),
        ("<image " + " ".join(f'a{n}="{"x" * 300}"' for n in range(300)) + "/>", "a tag is longer"),
        (f"<!-- {'x' * 300_000} -->", "a tag is longer"),
        ("<a>" * 300_000, "deeper in one another"),
        ("".join(f"<a{number}/>" for number in range(20_000)), "more kinds of elements"),
    ],
)
def test_xml_that_would_fill_the_memory_is_refused(tmp_path: Path, inside: str, says: str) -> None:
    with pytest.raises(ImportUnreadable, match=rf"line 1: .*{says}"):
        read(written(tmp_path, f"<annotations>{inside}</annotations>"))


def test_long_xml_and_long_text_in_it_are_no_reason_to_refuse_it(tmp_path: Path) -> None:
    images = "".join(f'<image name="{n}.jpg"><tag label="paper"/></image>\n' for n in range(5_000))
    text = f"<meta><x>{'x' * 300_000}</x><y>{' ' * 300_000}</y><z><![CDATA[{'x' * 300_000}]]></z></meta>"
    assert len(votes(written(tmp_path, f"<annotations>{text}{images}{text}{images}</annotations>"))) == 10_000


def test_a_list_of_labels_too_long_for_a_zip_is_refused(tmp_path: Path) -> None:
    synsets = "\n".join(["paper"] * 300_000)
    with pytest.raises(ImportUnreadable, match=r"labels.zip/synsets.txt is too large: 1,799,999 bytes"):
        read(zipped(tmp_path, {"synsets.txt": synsets, "default.txt": ""}, compression=zipfile.ZIP_DEFLATED))


def _annotation(label: str, **more: object) -> dict[str, object]:
    result = {"from_name": "label", "to_name": "image", "type": "choices", "value": {"choices": [label]}}
    return {"result": [result], "was_cancelled": False, "lead_time": 2.0, **more}


def test_label_studios_json_is_read(tmp_path: Path) -> None:
    tasks = [
        {
            "data": {"item_id": A},
            "annotations": [
                _annotation("paper", completed_by=7, updated_at="2026-05-04T10:00:00.123Z"),
                _annotation("metal", completed_by={"email": "chai@example.org"}),
                _annotation("trash", was_cancelled=True),
            ],
            "predictions": [_annotation("shoes")],
        },
        {"data": {"image": f"/data/local-files/?d=out/images/{B}.jpg"}, "annotations": [_annotation("metal")]},
        {"data": {"item_id": "c", "known_label": "paper"}, "annotations": [_annotation("paper", lead_time=None)]},
        {"data": {"item_id": "d", "known_label": "paper"}, "annotations": [_annotation("paper")]},
        {"data": {"item_id": "e"}, "annotations": [], "predictions": [_annotation("shoes")]},
        {"data": {"item_id": "f"}, "annotations": [{"result": None}]},
        {"data": None, "annotations": []},
    ]
    file = written(tmp_path, json.dumps(tasks, indent=1))
    assert votes(file) == [(A, "paper", "7"), (A, "metal", "chai@example.org"), (B, "metal", ""), ("d", "paper", "")]
    assert [reason for _, reason in refusals(file)] == [
        Reason.NOT_REVIEWED,
        Reason.NO_LABEL,
        Reason.MALFORMED,
        Reason.MALFORMED,
    ]
    first = read(file)[0]
    assert isinstance(first, Vote)
    assert first.at is not None
    assert first.place.endswith("[0].annotations[0]")


def test_label_studios_minimal_json_is_read(tmp_path: Path) -> None:
    tasks = [
        {"image": f"/x/{A}.jpg", "id": 1, "label": "paper", "annotator": 1, "lead_time": 1.2, "updated_at": "nonsense"},
        {"image": "x", "item_id": B, "id": 2, "label": {"choices": ["metal", "paper"]}, "annotator": 1},
        {"item_id": "c", "id": 3, "annotator": 1},
        {"item_id": "d", "label": "paper", "known_label": "paper", "lead_time": 0},
        {"item_id": "e", "label": "\ud800", "annotator": "\ud800"},
    ]
    file = written(tmp_path, json.dumps(tasks))
    assert votes(file)[0] == (A, "paper", "1")
    assert [reason for _, reason in refusals(file)] == [Reason.SEVERAL_LABELS, Reason.NO_LABEL, Reason.NOT_REVIEWED]
    assert votes(file)[1][2].encode() == b"\\ud800"


def test_the_exports_own_table_gives_back_only_what_somebody_wrote(tmp_path: Path) -> None:
    file = written(
        tmp_path, f"file_name,label,item_id,label_source\nx.jpg,paper,{A},resident\ny.jpg,metal,{B},\nz.jpg,,c,\n"
    )
    assert votes(file) == [(B, "metal", "")]
    assert refusals(file) == [("line 2", Reason.NOT_REVIEWED), ("line 4", Reason.NO_LABEL)]


def test_line_numbers_count_lines_and_not_rows(tmp_path: Path) -> None:
    file = written(tmp_path, f'item_id,label,note\n{A},paper,"two\nlines"\n\n{B}\n')
    assert votes(file) == [(A, "paper", "")]
    assert refusals(file) == [("line 5", Reason.MALFORMED)]


def zipped(tmp_path: Path, entries: dict[str, str], **options: int) -> Path:
    file = tmp_path / "labels.zip"
    with zipfile.ZipFile(file, "w", **options) as archive:  # type: ignore[call-overload]
        for name, content in entries.items():
            archive.writestr(name, content)
    return file


def test_a_zip_of_class_folders_is_read_by_its_names(tmp_path: Path) -> None:
    file = zipped(
        tmp_path,
        {
            f"paper/{A}.jpg": "",
            f"default/metal/{B}.JPG": "",
            "no_label/c.jpg": "",
            "readme.txt": "",
            "paper/.x.jpg": "",
        },
    )
    assert votes(file) == [(A, "paper", ""), (B, "metal", "")]
    assert refusals(file) == [("no_label/c.jpg", Reason.NO_LABEL)]


@pytest.mark.parametrize(
    "name", ["../paper/a.jpg", "/paper/a.jpg", "paper\\..\\a.jpg", "C:/paper/a.jpg", "x/../y/a.jpg"]
)
def test_a_path_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    file = zipped(tmp_path, {name: ""})
    assert votes(file) == []
    assert [reason for _, reason in refusals(file)] == [Reason.UNSAFE_PATH]
    assert {path.name for path in tmp_path.iterdir()} == {"labels.zip"}, "nothing is unpacked"


def test_imagenets_list_is_read(tmp_path: Path) -> None:
    file = zipped(
        tmp_path, {"synsets.txt": "paper\nmetal\n", "default.txt": f"{A}.jpg 0\nx/{B}.jpg 1\nc.jpg 2\nd.jpg -1\n\n"}
    )
    assert votes(file) == [(A, "paper", ""), (B, "metal", "")]
    assert refusals(file) == [("default.txt: line 3", Reason.BAD_LABEL), ("default.txt: line 4", Reason.BAD_LABEL)]


def test_cvats_xml_in_a_zip_is_read(tmp_path: Path) -> None:
    file = zipped(
        tmp_path, {"annotations.xml": f'<annotations><image name="{A}.jpg"><tag label="paper"/></image></annotations>'}
    )
    assert votes(file) == [(A, "paper", "")]
    with pytest.raises(ImportUnreadable, match="document type"):
        read(zipped(tmp_path, {"annotations.xml": ENTITIES}))


def test_a_zip_that_holds_more_than_it_says_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.importing.readers.folders._LARGEST_TEXT", 1_000_000)
    bomb = "<annotations>" + " " * 5_000_000 + "</annotations>"
    with pytest.raises(ImportUnreadable, match="too large"):
        read(zipped(tmp_path, {"annotations.xml": bomb}, compression=zipfile.ZIP_DEFLATED))


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_whose_content_is_damaged_is_refused(tmp_path: Path, method: int) -> None:
    file = tmp_path / "labels.zip"
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("annotations.xml", "<annotations>" + "<image name='a.jpg'/>" * 5_000 + "</annotations>")
    content = bytearray(file.read_bytes())
    content[60:90] = bytes(each ^ 0xFF for each in content[60:90])
    file.write_bytes(content)
    with pytest.raises(ImportUnreadable, match=r"is a damaged zip|cannot be read"):
        read(file)


@pytest.mark.parametrize("encoding", ["euc-kr", "cp949", "utf-7", "nonsense", "hex"])
def test_xml_in_an_encoding_that_is_not_known_is_refused(tmp_path: Path, encoding: str) -> None:
    content = f'<?xml version="1.0" encoding="{encoding}"?><annotations></annotations>'
    with pytest.raises(ImportUnreadable, match="save it as UTF-8"):
        read(written(tmp_path, content))


@pytest.mark.parametrize("head", ["item_id,label,label", "item_id,label,Item_ID"])
def test_a_table_with_two_columns_of_one_name_is_refused(tmp_path: Path, head: str) -> None:
    with pytest.raises(ImportUnreadable, match="twice"):
        read(written(tmp_path, f"{head}\n{A},paper,metal\n"))


def test_folders_are_read_and_links_are_not_followed(tmp_path: Path) -> None:
    root = tmp_path / "sorted"
    for name in (f"paper/{A}.jpg", f"metal/{B}.png", "unlabelled/c.jpg", "top.jpg", "paper/notes.txt"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"")
    (root / "paper/link.jpg").symlink_to("/etc/passwd")
    (root / "elsewhere").symlink_to(tmp_path, target_is_directory=True)
    assert votes(root) == [(B, "metal", ""), (A, "paper", "")]
    assert {reason for _, reason in refusals(root)} == {Reason.NO_LABEL, Reason.UNSAFE_PATH}


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
@pytest.mark.parametrize(
    "head", [b"", b"[", b"[{", b"<annotations>", b"item_id,label\n", b"PK\x03\x04", codecs.BOM_UTF16_LE]
)
def test_any_bytes_are_read_or_refused(tmp_path: Path, head: bytes, content: bytes) -> None:
    file = written(tmp_path, head + content)
    try:
        found = read(file)
    except ImportUnreadable:
        return
    assert all(isinstance(each, Vote | Refusal) for each in found)


def test_formulas_are_not_written_as_such() -> None:
    lines = csv_lines(("a", "b"), [('=cmd|"x"', "@SUM(1)"), ("-1", 0.5), ("+1", None), ("\t=1", -1)])
    assert b"".join(lines) == b'a,b\n"\'=cmd|""x""",\'@SUM(1)\n\'-1,0.5000\n\'+1,\n\'\t=1,-1\n'
