"""`antiphon subscribers import` under the lists that other systems export, and some that they do not."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.edges.cli.house import House, Said, new_database

COMPANY = """
catalog:
- {kind: service, name: checkout, title: Checkout, customer_facing: yes, on_status_page: yes}
"""


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with new_database() as url:
        folder = tmp_path_factory.mktemp("house")
        made = House(folder / "data", url)
        (folder / "company.yaml").write_text(COMPANY)
        assert made.run("apply", str(folder / "company.yaml")).code == 0
        yield made
        made.close()


def importing(house: House, tmp_path: Path, data: bytes | str, *words: str) -> tuple[Said, dict[str, Any]]:
    path = tmp_path / "list.csv"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    said = house.run("subscribers", "import", str(path), "--page", "status", *words)
    return said, json.loads(said.last) if said.out else {}


def test_five_in_a_hundred_bad_rows_are_returned_and_the_rest_is_there_once(company: House, tmp_path: Path):
    bad = ["nobody", "a@b c", '"open@quote.example', "=cmd()@x y", "x@y.example,,terrible"]
    rows = [f"reader{n}@many.example,,minor,en" for n in range(95)]
    lines = ["Email,Components,Impact,Language", *rows[:50], *bad, *rows[50:]]
    rejects = tmp_path / "rejects.csv"
    said, summary = importing(company, tmp_path, "\r\n".join(lines), "--confirmed", "--rejects", str(rejects))
    assert said.code == 0, said.err
    assert (summary["added"], summary["left_out"], summary["asked"]) == (95, 5, 0)
    assert [each["line"] for each in summary["errors"]] == [52, 53, 54, 55, 56]
    assert all(each["what"] and each["fix"] for each in summary["errors"])
    with rejects.open(newline="") as file:
        table = list(csv.reader(file))
    assert len(table) == 6
    assert table[4][3] == "'=cmd()@x y", "no spreadsheet runs it"
    _, again = importing(company, tmp_path, "\r\n".join(lines), "--confirmed")
    assert (again["added"], again["known"], again["left_out"]) == (0, 95, 5)


def test_who_has_not_agreed_is_asked(company: House, tmp_path: Path):
    _, summary = importing(company, tmp_path, "a@asked.example\nb@asked.example\nA@ASKED.example\n")
    assert (summary["asked"], summary["added"], summary["repeated"]) == (2, 0, 1)
    _, mixed = importing(
        company, tmp_path, "mail;confirmed\nc@asked.example;no\nd@asked.example;2026-01-01\n", "--confirmed"
    )
    assert (mixed["asked"], mixed["added"]) == (1, 1)


@pytest.mark.parametrize(
    "row",
    [
        "x@y.example\r\nBcc: all@y.example",
        "x\0@y.example",
        f"{'x' * 10_000}@y.example",
        "x@y.example,x@z.example",
        "“x”@y.example",
        "x@",
        "@y.example",
        "x@-.example",
        "x@\u202eelpmaxe.y",
    ],
)
def test_what_cannot_be_an_address_stays_out(company: House, tmp_path: Path, row: str):
    quoted = '"' + row.replace('"', '""') + '"'
    said, summary = importing(company, tmp_path, f"email\n{quoted}\n", "--confirmed")
    assert said.code == 0, said.err
    assert summary["added"] == 0
    assert summary["left_out"] >= 1


def test_spreadsheets_in_other_codes_and_domains_in_other_letters_are_read(company: House, tmp_path: Path):
    text = "E-Mail\tSprache\nuna@bücher.example\tde\n"
    for data in (text.encode("utf-16"), text.encode("cp1252"), text.encode("utf-8-sig")):
        _, summary = importing(company, tmp_path, data, "--confirmed")
        assert summary["added"] + summary["known"] == 1
    _, ascii_form = importing(company, tmp_path, "una@xn--bcher-kva.example\n", "--confirmed")
    assert ascii_form["known"] == 1


@pytest.mark.parametrize("data", [b"", b"\n\n", b"PK\x03\x04rest", b"name,floor\nBo,1\n"])
def test_what_is_no_list_is_refused_in_a_sentence(company: House, tmp_path: Path, data: bytes):
    said, _ = importing(company, tmp_path, data)
    assert said.code == 2
    assert "cannot be imported: " in said.err


def test_an_unknown_page_is_refused_with_those_there_are(company: House, tmp_path: Path):
    (tmp_path / "a.csv").write_text("a@b.example\n")
    said = company.run("subscribers", "import", str(tmp_path / "a.csv"), "--page", "none")
    assert said.code == 2
    assert "“none”" in said.err
