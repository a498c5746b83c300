"""Machine readable zones: published specimens read as printed, wrong digits named, passports built and read back."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permits.rules.mrz import LAYOUTS, check_digit, mrz, mrz_td3
from permits.rules.nationality import NATIONALITIES
from tests.rules.published import cases

TODAY = date(2026, 11, 24)
GOOD = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
LETTERS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=12)


def wrong(*lines: str) -> list[str]:
    """The fields that are named wrong."""
    return [problem.field for problem in mrz(lines, TODAY).problems]


def second(text: str) -> list[str]:
    """The fields named wrong with this second line of a passport."""
    return wrong(GOOD[0], text)


@pytest.mark.parametrize("case", cases("mrz"), ids=lambda case: case["name"])
def test_a_published_specimen_is_read_as_printed(case: dict[str, Any]) -> None:
    found = mrz(tuple(case["lines"]), TODAY)
    assert found.valid is case["valid"]
    assert found.fields["format"] == case["format"]
    assert found.fields.items() >= case.get("fields", {}).items()
    assert [problem.field for problem in found.problems] == case.get("wrong", [])


@pytest.mark.parametrize(("at", "field"), [(3, "document_number"), (9, "document_number"), (14, "birth"), (19, "birth"),
                                           (22, "expiry"), (30, "optional"), (43, "composite")])  # fmt: skip
def test_one_misread_digit_names_its_part_and_no_other(at: int, field: str) -> None:
    line = GOOD[1]
    assert second(line[:at] + str((int(line[at]) + 1) % 10) + line[at + 1 :]) == [field]


@given(st.sampled_from([at for at in [*range(10), *range(13, 20), *range(21, 43)] if GOOD[1][at].isdigit()]),
       st.integers(1, 9))  # fmt: skip
def test_any_digit_changed_where_check_digits_watch_is_found(at: int, by: int) -> None:
    line = GOOD[1]
    assert second(line[:at] + str((int(line[at]) + by) % 10) + line[at + 1 :])


def test_a_wrong_digit_is_named_by_line_place_and_what_is_expected() -> None:
    (problem,) = mrz((GOOD[0], GOOD[1].replace("L898902C36", "L898902C37")), TODAY).problems
    assert "第 2 行第 10 位，应为 6" in problem.text.zh
    assert "line 2, character 10" in problem.text.en
    assert "898902" not in problem.text.en + problem.text.zh


def test_all_that_is_wrong_is_named_at_once() -> None:
    assert second("L898902C46UTO7408132F1204169ZE184226B<<<<<10") == ["document_number", "birth", "expiry"]


def test_a_letter_in_a_date_is_named_by_its_place() -> None:
    (problem,) = mrz((GOOD[0], GOOD[1].replace("7408122", "74O8122")), TODAY).problems
    assert problem.field == "birth"
    assert "第 2 行第 16 位" in problem.text.zh


def test_a_day_that_does_not_exist_is_no_date_of_birth() -> None:
    day = "740231"
    line = f"L898902C36UTO{day}{check_digit(day)}F1204159ZE184226B<<<<<1"
    composite = check_digit(line[:10] + line[13:20] + line[21:43])
    assert second(line + composite) == ["birth"]


@pytest.mark.parametrize(("first", "field"), [("P<U1O", "issuer"), ("X<UTO", "document_code")])
def test_a_first_line_that_cannot_be_is_named(first: str, field: str) -> None:
    assert wrong(first + GOOD[0][5:], GOOD[1]) == [field]


def test_an_unknown_nationality_sex_or_a_digit_in_the_name_is_named() -> None:
    assert second(GOOD[1].replace("UTO", "UTP")) == ["nationality"]
    assert second(GOOD[1].replace("F12", "Z12")) == ["sex"]
    assert wrong(GOOD[0].replace("ANNA", "4NNA"), GOOD[1]) == ["names"]
    assert wrong("P<UTO" + "<" * 39, GOOD[1]) == ["names"]


@pytest.mark.parametrize("lines", [(), ("",), (GOOD[0],), (GOOD[0], GOOD[1][:-1]), (GOOD[0][:40],) * 2, GOOD * 2])
def test_lines_of_no_known_shape_say_which_shapes_there_are(lines: tuple[str, ...]) -> None:
    (problem,) = mrz(lines, TODAY).problems
    assert problem.field == "lines"
    assert "44" in problem.text.en


def test_a_character_that_the_zone_never_has_is_named_by_line_and_place() -> None:
    (problem,) = mrz((GOOD[0], GOOD[1].replace("ZE1", "Z!1")), TODAY).problems
    assert problem.field == "line_2"
    assert "30" in problem.text.en


def test_small_letters_and_spaces_do_no_harm() -> None:
    assert mrz((f" {GOOD[0].lower()} ", "", GOOD[1][:20] + " " + GOOD[1][20:]), TODAY).valid


def test_a_number_longer_than_nine_runs_on_into_the_optional_data() -> None:
    line = "I<UTOD23145890<7349<<<<<<<<<<<"
    second_line = "7408122F1204159UTO<<<<<<<<<<<"
    composite = check_digit(line[5:30] + second_line[:7] + second_line[8:15] + second_line[18:29])
    lines = (line, second_line + composite, "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
    found = mrz(lines, TODAY)
    assert found.fields["number"] == "D23145890734"
    assert found.valid
    assert [p.field for p in mrz((line.replace("7349", "7348"), *lines[1:]), TODAY).problems] == ["document_number"]


@pytest.mark.parametrize(("born", "today", "year"), [("261124", "2026-11-24", 2026), ("261125", "2026-11-24", 1926),
                                                     ("991231", "2026-11-24", 1999), ("000229", "2026-11-24", 2000)])
def test_a_two_digit_year_of_birth_is_never_in_the_future(born: str, today: str, year: int) -> None:
    line = f"L898902C36UTO{born}{check_digit(born)}F1204159ZE184226B<<<<<1"
    found = mrz((GOOD[0], line + check_digit(line[:10] + line[13:20] + line[21:43])), date.fromisoformat(today))
    assert found.valid
    assert found.fields["birth"][:4] == str(year)


@pytest.mark.parametrize(("ends", "year"), [("750101", 2075), ("760101", 1976), ("120415", 2012), ("310101", 2031)])
def test_a_two_digit_year_of_expiry_is_within_fifty_years(ends: str, year: int) -> None:
    line = f"L898902C36UTO7408122F{ends}{check_digit(ends)}ZE184226B<<<<<1"
    found = mrz((GOOD[0], line + check_digit(line[:10] + line[13:20] + line[21:43])), TODAY)
    assert found.fields["expiry"] == f"{year}-{ends[2:4]}-{ends[4:]}"


def test_a_birth_date_unknown_in_part_is_read_and_left_open() -> None:
    line = f"L898902C36UTO74<<<<{check_digit('74<<<<')}F1204159ZE184226B<<<<<1"
    found = mrz((GOOD[0], line + check_digit(line[:10] + line[13:20] + line[21:43])), TODAY)
    assert found.valid
    assert "birth" not in found.fields


def passport(surname: str = "SYNTHBERG", given: str = "ALICE", nationality: str = "DEU", sex: str = "F",
             number: str = "C01X00T47", optional: str = "") -> tuple[str, str]:  # fmt: skip
    return mrz_td3(surname, given, issuer=nationality, nationality=nationality, number=number, birth=date(1986, 2, 3),
                   sex=sex, expiry=date(2031, 5, 6), optional=optional)  # fmt: skip


@given(LETTERS, LETTERS, st.sampled_from(sorted(NATIONALITIES)), st.sampled_from("FMX"),
       st.text("ABCDEFGHJKLMNPRTVWXY0123456789", min_size=5, max_size=9))  # fmt: skip
def test_a_passport_that_was_built_reads_back_as_it_was(
    surname: str, given_names: str, nationality: str, sex: str, number: str
) -> None:
    found = mrz(passport(surname, given_names, nationality, sex, number), TODAY)
    assert found.valid
    told = {"surname": surname, "given_names": given_names, "nationality": nationality, "issuer": nationality,
            "number": number, "sex": sex, "birth": "1986-02-03", "expiry": "2031-05-06", "format": "TD3"}  # fmt: skip
    assert found.fields.items() >= told.items()


def test_germany_prints_d_and_is_read_as_deu() -> None:
    lines = passport()
    assert lines[0].startswith("P<D<<")
    assert mrz(lines, TODAY).fields["nationality"] == "DEU"


def test_people_with_one_name_have_a_zone_too() -> None:
    for surname, given_names in (("SUKARNO", ""), ("", "SUKARNO")):
        found = mrz(passport(surname, given_names, "IDN"), TODAY)
        assert found.valid
        assert (found.fields["surname"], found.fields["given_names"]) == ("SUKARNO", "")


def test_names_are_written_as_the_zone_writes_them() -> None:
    assert passport("Müller-Lüdenscheidt", "Jörg Ægir")[0] == "P<D<<MUELLER<LUEDENSCHEIDT<<JOERG<AEGIR<<<<<"
    assert passport("O'Connor", "Núria")[0].startswith("P<D<<OCONNOR<<NURIA<<<")
    assert len(passport("A" * 60, "B")[0]) == 44


def test_what_cannot_be_printed_is_refused() -> None:
    with pytest.raises(ValueError, match="Latin"):
        passport("张")
    with pytest.raises(ValueError, match="at most 9"):
        passport(number="1234567890")


def test_every_layout_covers_its_lines_without_overlap() -> None:
    for layout in LAYOUTS:
        taken = [(row, at) for row, start, end in layout.places.values() for at in range(start, end)]
        assert len(taken) == len(set(taken)), layout.name
        assert max(at for _, at in taken) < layout.length
