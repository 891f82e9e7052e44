"""`antiphon tickets import` under the files that help desks and spreadsheets write, and some that they do not."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.edges.cli.house import House, Said, new_database

COMPANY = """
catalog:
- {kind: service, name: checkout, title: Checkout, customer_facing: yes}
customers:
- {name: bo-corp, title: Bo Corp, uses: [checkout], contacts: [{name: Bo, email: bo@corp.example}]}
- {name: ümlaut, title: Café Größe, uses: [checkout], contacts: [{name: Una, email: una@cafe.example}]}
"""
KEYS = "Where do I put the SSH key? Is there an API token?"
CODE = "It ends with HTTP 502 and ECONNREFUSED"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with new_database() as url:
        folder = tmp_path_factory.mktemp("house")
        made = House(folder / "data", url)
        (folder / "company.yaml").write_text(COMPANY)
        assert made.run("apply", str(folder / "company.yaml")).code == 0
        yield made
        made.close()


def importing(house: House, tmp_path: Path, name: str, data: bytes | str, *words: str) -> tuple[Said, dict[str, Any]]:
    path = tmp_path / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    said = house.run("tickets", "import", str(path), "--origin", f"{tmp_path.name}"[:40], *words)
    return said, json.loads(said.last) if said.out else {}


ZENDESK = f"""Ticket ID,Requester email,Organization,Subject,Description,Created at
1,Bo@Corp.example,,Deploy,"{KEYS}
second line",2026-03-01 10:00:00
2,,Bo Corp,Error,{CODE},2026-03-02T10:00:00Z
3,new@corp.example,,Hello,Thanks,
"""
JIRA = {
    "issues": [
        {
            "key": "DESK-1",
            "fields": {
                "summary": "Deploy",
                "description": KEYS,
                "reporter": {"emailAddress": "bo@corp.example", "displayName": "Bo"},
                "created": "2026-03-01T10:00:00.000+0000",
            },
        },
        {"key": "DESK-2", "fields": {"summary": CODE, "reporter": {"emailAddress": "BO@corp.example"}}},
    ]
}


def test_what_help_desks_write_is_understood_and_known_again(company: House, tmp_path: Path) -> None:
    said, summary = importing(company, tmp_path, "desk.csv", ZENDESK)
    assert said.code == 0, said.err
    assert (summary["new"], summary["without_contact"], summary["errors"]) == (3, 2, [])
    again, summary = importing(company, tmp_path, "desk.csv", ZENDESK)
    assert (again.code, summary["new"], summary["unchanged"]) == (0, 0, 3)
    said, summary = importing(company, tmp_path, "jira.json", json.dumps(JIRA))
    assert (said.code, summary["kind"], summary["new"], summary["suggested"]) == (0, "json", 2, 1)


def test_a_trial_says_what_would_come_of_it_and_changes_nothing(company: House, tmp_path: Path) -> None:
    count = "SELECT COUNT(*) FROM ticket"
    before = company.sql(count)
    said, summary = importing(company, tmp_path, "desk.csv", ZENDESK, "--diff")
    assert (said.code, summary["new"], summary["diff"]) == (0, 3, True)
    assert company.sql(count) == before


def test_one_bad_row_in_twenty_is_named_and_the_rest_taken(company: House, tmp_path: Path) -> None:
    bad = [
        ",bo@corp.example,no number",
        "{n},nobody@nowhere.example,who is this",
        "{n},,nobody wrote it",
        "{n},bo@corp.example,",
        "{n},bo@corp.example,one,too,many",
    ]
    rows = [bad[n // 20 % 5].format(n=n) if n % 20 == 0 else f"{n},bo@corp.example,{KEYS}" for n in range(1000)]
    lines = ["id,email,description", *rows]
    said, summary = importing(company, tmp_path, "desk.csv", "\n".join(lines))
    assert (said.code, summary["new"], summary["left_out"]) == (1, 950, 50)
    assert [each["line"] for each in summary["errors"]] == list(range(2, 1002, 20))
    assert all(each["what"] and each["fix"] for each in summary["errors"])
    assert "nowhere" not in said.out + said.err
    assert said.err.count("\n") == 21


HOSTILE: dict[str, bytes | str] = {
    "formulas": "id,email,description\n=cmd|' /C calc'!A0,bo@corp.example,=HYPERLINK(\"http://evil\")\n",
    "nul": f"id,email,description\n1,bo@corp.example,a\x00b {KEYS}\n",
    "utf-16": "id,email,description\n1,bo@corp.example,Größe\n".encode("utf-16"),
    "windows-1252": "id;organization;description\n1;Café Größe;Größe\n".encode("cp1252"),
    "bom": "\ufeffid\temail\tdescription\r\n1\tbo@corp.example\tx\r\n",
    "quotes": 'id,email,description\n1,bo@corp.example,"she said ""no"""\n',
    "markup": "id,email,description\n1,<Bo> <bo@corp.example>,<script>alert(1)</script>\n",
    "half a character": '[{"id": 1, "email": "bo@corp.example", "text": "\\ud800 ssh key"}]',
    "old epoch": '{"id": 1, "email": "bo@corp.example", "text": "x", "created": 1767225600}',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_odd_text_is_read_as_text(company: House, tmp_path: Path, name: str) -> None:
    said, summary = importing(company, tmp_path, "tickets", HOSTILE[name])
    assert (said.code, summary["new"] + summary["old"]) == (0, 1), (said, summary)


REFUSED = {
    "a workbook": b"PK\x03\x04" + bytes(100),
    "nothing": b"",
    "no columns": b"hello\nworld\n",
    "nobody": b"id,description\n1,x\n",
    "no json": b"[{",
    "deep": b"[" * 100_000,
    "a number": b'[1, {"id": 2}',
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_is_no_list_of_tickets_is_refused_in_a_sentence(company: House, tmp_path: Path, name: str) -> None:
    said, _ = importing(company, tmp_path, "tickets", REFUSED[name])
    assert "cannot be imported" in said.sentence


@pytest.mark.parametrize(
    ("data", "line"),
    [
        ('{"id": 1}\nno json\n{"id": 2, "email": "bo@corp.example", "text": "x"}', 2),
        ('id,email,text\n1,bo@corp.example,x\n2,bo@corp.example,"left open\n3,bo@corp.example,x\n', 3),
        ("id,email,text,date\n1,bo@corp.example,x,yesterday\n2,bo@corp.example,x,2026-03-01\n", 2),
        (f"id,email,text\n{'9' * 121},bo@corp.example,x\n2,bo@corp.example,x\n", 2),
    ],
)
def test_a_bad_row_is_named_by_its_line(company: House, tmp_path: Path, data: str, line: int) -> None:
    kind = "jsonl" if data.startswith("{") else "csv"
    said, summary = importing(company, tmp_path, "tickets", data, "--as", kind)
    assert said.code == 1
    assert line in [each["line"] for each in summary["errors"]]
    assert summary["new"] == 1


def test_a_bad_origin_or_a_missing_file_is_one_sentence(company: House, tmp_path: Path) -> None:
    assert "--origin" in company.run("tickets", "import", "x", "--origin", "x" * 61).sentence
    assert "nowhere.csv" in company.run("tickets", "import", "nowhere.csv").sentence
