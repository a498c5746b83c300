"""`permits rules check` and `permits rules explain`, as a person at a terminal sees them."""

import shutil
from pathlib import Path

import pytest

from permits import cli
from permits.cli import rules
from permits.rules.law import DATA


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The law's files, to be spoiled."""
    return Path(shutil.copytree(DATA, tmp_path / "data"))


def spoil(folder: Path, file: str, old: str, new: str) -> list[str]:
    """What the check says after one change to one file."""
    path = folder / file
    before = path.read_text("utf-8")
    assert old in before
    path.write_text(before.replace(old, new, 1), "utf-8")
    return [f"{one.file}: {one.key}: {one.en}" for one in rules.audit(folder)]


def test_our_own_law_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["rules", "check", "--lang", "en"]) == 0
    assert capsys.readouterr().out == "The rules are whole.\n"


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("windows.toml", 'source = "北京市', 'sourse = "北京市', "windows.toml: issue-in-china/stay-permit: "),
        ("windows.toml", "effective_from = 2018-02-28", "effective_from = 2018-03-01",
         "windows.toml: extend: nothing is in force from 2018-02-28 to 2018-02-28"),
        ("windows.toml", "effective_until = 2018-02-27", "effective_until = 2018-02-28",
         "windows.toml: extend: overlaps the entry before from 2018-02-28"),
        ("documents.toml", 'title.en = "Photo of the foreigner"', 'title.en = ""',
         "documents.toml: photo: title: one language is missing"),
        ("settings.toml", 'key = "document.max_bytes"', 'key = "document.most_bytes"',
         "rules/procedures.py: document\\.max_bytes: no entry of [[setting]] has this key"),
        ("commitments.toml", 'key = "health-certificate"', 'key = "health"',
         "committable.toml: issue-abroad/health-certificate: document: no health-certificate in [[commitment]]"),
        ("joint.toml", "[[joint_part]]", "[[joint_part]", "joint.toml: : cannot be read: "),
        ("joint.toml", 'key = "social-insurance"', 'key = "insurance"',
         "joint.toml: work-in-china: parts: no social-insurance in [[joint_part]]"),
    ],
)  # fmt: skip
def test_a_spoiled_file_is_named_with_its_key(copy: Path, file: str, old: str, new: str, says: str) -> None:
    assert any(line.startswith(says) for line in spoil(copy, file, old, new))


def test_a_wrong_law_ends_with_1_and_a_line_for_each_fault(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (copy / "windows.toml").write_text("[window]\nkey = 'one'\n[surplus]\n", "utf-8")
    assert cli.main(["rules", "check", "--data", str(copy)]) == 1
    said = capsys.readouterr().out.splitlines()
    assert any(line.startswith("windows.toml: one: ") for line in said)
    assert "windows.toml: -: 没有名为 [[surplus]] 的表" in said
    assert said[-1] == f"{len(said) - 1} 处问题。"


def test_every_word_that_code_asks_the_law_for_is_found(tmp_path: Path) -> None:
    (tmp_path / "asks.py").write_text(
        "def f(law, kind, demo):\n"
        "    law.setting('plain', on=1)\n"
        "    law.setting(f'made.{kind}')\n"
        "    key = 'one' if demo else 'other'\n"
        "    law.setting(key)\n"
        "    [law.setting(each) for each in ('first', f'last-{kind}')]\n"
        "    law.entry(Sentence, 'words')\n"
        "    law.entry(Unknown)\n"
        "    law.somewhere('else')\n",
        "utf-8",
    )
    found = {(one.file, one.table, one.pattern) for one in rules.used_keys(tmp_path)}
    settings = {"plain", "made\\..+", "one", "other", "first", "last-.+"}
    assert found == {*(("asks.py", "setting", key) for key in settings), ("asks.py", "sentence", "words")}


def told(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert cli.main(["rules", "explain", *words]) == 0
    return capsys.readouterr().out


def test_explain_prints_what_holds_and_from_where(capsys: pytest.CaptureFixture[str]) -> None:
    said = told(capsys, "extend", "--on", "2026-11-24", "--region", "110000", "--lang", "en")
    assert said.startswith("Extension of a work permit  [extend, 2026-11-24, 110000]\n")
    assert "  - From 120 to 30 days before expiry, both days included\n" in said
    assert "(from 2024-12-01, region 11, to be confirmed)" in said


def test_explain_speaks_chinese_unless_told_otherwise(capsys: pytest.CaptureFixture[str]) -> None:
    said = told(capsys, "replace", "--on", "2024-11-30", "--region", "321200")
    assert said.startswith("外国人工作许可证补办")
    assert "（2017-04-01 起至 2024-11-30）" in said


def test_explain_takes_today_and_our_own_region_where_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert "[change, 20" in told(capsys, "change")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nothing"], "There are: issue-in-china, issue-abroad, short-term, extend, change, cancel, replace"),
        (["extend", "--on", "2010-01-01"], "No item is offered on 2010-01-01"),
    ],
)
def test_what_is_not_offered_is_answered_with_what_is(
    words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["rules", "explain", *words, "--lang", "en"]) == 1
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [["extend", "--on", "soon"], ["extend", "--region", "32"], ["extend", "--lang", "fr"], []]
)
def test_what_cannot_be_meant_is_refused(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["rules", "explain", *words])
    assert ended.value.code == 2
