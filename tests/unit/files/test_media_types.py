"""The type of a file is that of its name, on every machine."""

import mimetypes

import pytest

from lightfield._files.media_types import media_type

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("report.csv", "text/csv"),
        ("Call.TXT", "text/plain"),
        ("ü.pdf", "application/pdf"),
        ("playbook.md", "text/markdown"),
        ("offer.docx", WORD),
        ("C:\\calls\\call.txt", "text/plain"),
        ("calls/call.txt", "text/plain"),
        ("nul\0.txt", "text/plain"),
        ("call.txt?x=1#y", "application/octet-stream"),
        (".csv", "application/octet-stream"),
        ("x.", "application/octet-stream"),
        ("x", "application/octet-stream"),
    ],
)
def test_it_is_that_of_the_last_suffix(name: str, expected: str) -> None:
    assert media_type(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("report.csv.gz", "application/gzip"),
        ("a.tar.gz", "application/gzip"),
        ("a.TAR.GZ", "application/gzip"),
        ("a.tgz", "application/gzip"),
        ("drawing.svgz", "application/gzip"),
        ("a.json.bz2", "application/x-bzip2"),
        ("a.txt.xz", "application/x-xz"),
        ("a.html.br", "application/x-brotli"),
        ("a.tar.Z", "application/x-compress"),
        ("a.csv.zst", "application/zstd"),
    ],
)
def test_a_compressed_file_is_of_the_type_of_its_compression(name: str, expected: str) -> None:
    assert media_type(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("data:text,html", "application/octet-stream"),
        ("data:text/html;base64,x", "application/octet-stream"),
        ("data:,a.csv", "text/csv"),
        ("http://x/y.png", "image/png"),
        ("http://x/y.png?z", "application/octet-stream"),
        ("//[x", "application/octet-stream"),
        ("http://[x.txt", "text/plain"),
    ],
)
def test_a_name_is_never_taken_for_a_url(name: str, expected: str) -> None:
    assert media_type(name) == expected


def test_the_table_of_the_system_is_asked_for_the_rest_only(monkeypatch: pytest.MonkeyPatch) -> None:
    mimetypes.init()
    monkeypatch.setitem(mimetypes.types_map, ".csv", "application/vnd.ms-excel")  # as some programs for Windows do
    monkeypatch.setitem(mimetypes.types_map, ".lightfield", "application/x-lightfield")
    monkeypatch.setitem(mimetypes.encodings_map, ".packed", "packed")
    assert media_type("report.csv") == "text/csv"
    assert media_type("a.lightfield") == "application/x-lightfield"
    assert media_type("a.lightfield.packed") == "application/octet-stream"
