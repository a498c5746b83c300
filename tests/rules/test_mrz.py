"""Machine readable zones: published specimens read as printed, wrong digits named, passports built and read back."""

from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from permits.rules.mrz import mrz
from permits.rules.mrz_layouts import LAYOUTS, check_digit
from permits.rules.mrz_writing import Document, build, mrz_td3
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


@pytest.mark.parametrize(
    ("born", "today", "year"),
    [
        ("261124", "2026-11-24", 2026),
        ("261125", "2026-11-24", 1926),
        ("991231", "2026-11-24", 1999),
        ("000229", "2026-11-24", 2000),
    ],
)
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


FORMATS = {"TD1": "I", "TD2": "I", "TD3": "P", "MRV-A": "V", "MRV-B": "V"}
ANNA = Document(code="P", issuer="UTO", surname="ERIKSSON", given="ANNA MARIA", nationality="UTO", number="L898902C3",
                birth=date(1974, 8, 12), sex="F", expiry=date(2012, 4, 15), optional="ZE184226B")  # fmt: skip


def document(**changes: Any) -> Document:
    """The specimen's holder with some changes."""
    return msgspec.structs.replace(ANNA, **changes)


def test_the_specimen_passport_is_built_as_icao_prints_it() -> None:
    assert build("TD3", ANNA) == GOOD


@pytest.mark.parametrize("case", [case for case in cases("mrz") if case["valid"]], ids=lambda case: case["name"])
def test_a_published_specimen_is_built_again_from_what_was_read(case: dict[str, Any]) -> None:
    lines = tuple(case["lines"])
    found = mrz(lines, date(2012, 1, 1)).fields
    made = document(code=found["document_code"], issuer=found["issuer"], surname=found["surname"],
                    given=found["given_names"], nationality=found["nationality"], number=found["number"],
                    birth=date.fromisoformat(found["birth"]), sex=found["sex"],
                    expiry=date.fromisoformat(found["expiry"]), optional=found["optional"])  # fmt: skip
    built = build(case["format"], made)
    if case["format"] == "TD3" and not made.optional:  # an empty optional part may carry 0 or the filler
        assert [line[:42] for line in built] == [line[:42] for line in lines]
    else:
        assert built == lines
    assert mrz(built, TODAY).valid


@given(st.sampled_from(sorted(FORMATS)), LETTERS, LETTERS, st.sampled_from(sorted(NATIONALITIES)),
       st.text("ABCDEFGHJKLMNPRTVWXY0123456789", min_size=1, max_size=9), st.dates(date(1930, 1, 1), TODAY),
       st.dates(date(1990, 1, 1), date(2070, 1, 1)), st.sampled_from("FMX"))  # fmt: skip
def test_each_format_reads_back_as_it_was_built(
    name: str, surname: str, given_names: str, state: str, number: str, birth: date, expiry: date, sex: str
) -> None:
    made = document(code=FORMATS[name], issuer=state, surname=surname, given=given_names, nationality=state,
                    number=number, birth=birth, expiry=expiry, sex=sex, optional="")  # fmt: skip
    lines = build(name, made)
    found = mrz(lines, TODAY)
    told = {"format": name, "document_code": FORMATS[name], "issuer": state, "surname": surname,
            "given_names": given_names, "nationality": state, "number": number, "birth": birth.isoformat(),
            "sex": sex, "expiry": expiry.isoformat()}  # fmt: skip
    assert found.valid
    assert found.fields.items() >= told.items()


@pytest.mark.parametrize("name", ["TD1", "TD2"])
def test_a_cards_long_number_runs_on_into_the_optional_data(name: str) -> None:
    lines = build(name, document(code="I", number="D23145890734", optional=""))
    found = mrz(lines, TODAY)
    assert found.valid
    assert found.fields["number"] == "D23145890734"
    if name == "TD1":
        assert lines[0] == "I<UTOD23145890<7349<<<<<<<<<<<"


def test_the_second_optional_part_of_a_card_is_covered_by_the_composite_digit() -> None:
    lines = build("TD1", document(code="I", optional="", optional_2="AB12"))
    assert lines[1][18:22] == "AB12"
    assert mrz(lines, TODAY).valid
    assert [p.field for p in mrz((lines[0], lines[1].replace("AB12", "AB13"), lines[2]), TODAY).problems] == [
        "composite"
    ]


@pytest.mark.parametrize(("name", "changes", "says"), [
    ("TD9", {}, "format"), ("TD3", {"code": "V"}, "format"), ("MRV-A", {"code": "P"}, "format"),
    ("TD3", {"code": ""}, "format"), ("TD3", {"sex": "Z"}, "format"), ("TD3", {"number": "1234567890"}, "at most 9"),
    ("TD3", {"optional": "A" * 15}, "at most 14"), ("TD2", {"code": "I", "optional": "A" * 8}, "at most 7"),
    ("TD3", {"surname": "张"}, "Latin"), ("TD3", {"issuer": "UTOP"}, "at most 3"),
])  # fmt: skip
def test_what_a_format_has_no_place_for_is_refused(name: str, changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        build(name, document(**changes))


def test_only_a_number_may_be_written_with_spaces_and_hyphens() -> None:
    assert build("TD3", document(number="l-898 902c3")) == GOOD


@pytest.mark.parametrize(
    ("text", "digit"),
    [
        ("D23145890", "7"),
        ("740812", "2"),
        ("120415", "9"),
        ("", "0"),
        ("AB2134<<<", "5"),
        ("Z", "5"),
        ("1", "7"),
        ("01", "3"),
        ("001", "1"),
    ],
)
def test_check_digits_are_those_of_doc_9303(text: str, digit: str) -> None:
    assert check_digit(text) == digit


@pytest.mark.parametrize(("letters", "written"), [
    ("Ä", "AE"), ("Å", "AA"), ("Æ", "AE"), ("Ð", "D"), ("Đ", "D"), ("Ħ", "H"), ("Ĳ", "IJ"), ("Ł", "L"), ("Ñ", "N"),
    ("Ö", "OE"), ("Ø", "OE"), ("Œ", "OE"), ("Þ", "TH"), ("Ŧ", "T"), ("Ü", "UE"), ("ẞ", "SS"), ("ß", "SS"), ("é", "E"),
    ("Č", "C"), ("O’Neil", "ONEIL"), ("St. John", "ST<JOHN"), ("A, B", "A<B"), ("a-b c", "A<B<C"), (" A ", "A"),
])  # fmt: skip
def test_each_letter_is_written_as_table_a_says(letters: str, written: str) -> None:
    assert build("TD1", document(code="I", surname=letters, given="Q"))[2] == f"{written}<<Q".ljust(30, "<")


@pytest.mark.parametrize(("name", "letters"), [("TD1", "ACI"), ("TD2", "ACIP"), ("TD3", "P"), ("MRV-A", "V"),
                                               ("MRV-B", "V")])  # fmt: skip
def test_each_format_is_that_of_its_documents_only(name: str, letters: str) -> None:
    def fits(letter: str) -> bool:
        try:
            return bool(build(name, document(code=letter, optional="")))
        except ValueError:
            return False

    assert "".join(filter(fits, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0<")) == letters


@pytest.mark.parametrize(("name", "most"), [("TD1", 15), ("TD2", 7), ("TD3", 14), ("MRV-A", 16), ("MRV-B", 8)])
def test_each_format_has_its_room_for_optional_data(name: str, most: int) -> None:
    lines = build(name, document(code=FORMATS[name], optional="Q" * most))
    found = mrz(lines, TODAY)
    assert found.valid
    assert found.fields["optional"] == "Q" * most
    with pytest.raises(ValueError, match=f"at most {most} "):
        build(name, document(code=FORMATS[name], optional="Q" * (most + 1)))


@pytest.mark.parametrize(("name", "most"), [("TD1", 30), ("TD2", 31), ("TD3", 39), ("MRV-A", 39), ("MRV-B", 31)])
def test_each_format_cuts_names_to_its_room(name: str, most: int) -> None:
    lines = build(name, document(code=FORMATS[name], surname="Q" * 50, optional=""))
    assert "".join(lines).count("Q") == most
    assert {len(line) for line in lines} == {{"1": 30, "2": 36, "3": 44, "A": 44, "B": 36}[name[-1]]}


@pytest.mark.parametrize("name", ["TD1", "TD2", "TD3", "MRV-A", "MRV-B"])
def test_each_digit_that_a_format_checks_is_named_by_its_part(name: str) -> None:
    lines = build(name, document(code=FORMATS[name], number="123456789", optional=""))
    layout = next(layout for layout in LAYOUTS if layout.name == name)
    for part in ("document_number", "birth", "expiry"):
        row, start, end = layout.places[part]
        for at in range(start, end + 1):
            digit = str((int(lines[row][at]) + 1) % 10)
            changed = [*lines]
            changed[row] = lines[row][:at] + digit + lines[row][at + 1 :]
            assert [problem.field for problem in mrz(tuple(changed), TODAY).problems] == [part]


@pytest.mark.parametrize(("name", "row", "covered"), [
    ("TD1", 0, range(5, 30)), ("TD1", 1, [*range(7), *range(8, 15), *range(18, 29)]),
    ("TD2", 1, [*range(10), *range(13, 20), *range(21, 35)]), ("TD3", 1, [*range(10), *range(13, 20), *range(21, 43)]),
])  # fmt: skip
def test_the_composite_digit_covers_what_doc_9303_says(name: str, row: int, covered: list[int]) -> None:
    layout = next(layout for layout in LAYOUTS if layout.name == name)
    assert [at for line, start, end in layout.composite if line == row for at in range(start, end)] == [*covered]


def test_visas_have_no_composite_digit() -> None:
    assert [layout.name for layout in LAYOUTS if not layout.composite] == ["MRV-B", "MRV-A"]


@pytest.mark.parametrize("letter", ["F", "M", "X"])
def test_each_sex_is_read_as_written_and_the_filler_as_unspecified(letter: str) -> None:
    lines = build("TD3", document(sex=letter))
    assert mrz(lines, TODAY).fields["sex"] == letter
    assert lines[1][20] == ("<" if letter == "X" else letter)


@pytest.mark.parametrize("day", [date(1974, 12, 31), date(1974, 1, 10), date(1974, 11, 9), date(1974, 10, 20)])
def test_each_digit_of_a_date_counts(day: date) -> None:
    found = mrz(build("TD3", document(birth=day, expiry=day.replace(year=2030))), TODAY).fields
    assert (found["birth"], found["expiry"]) == (day.isoformat(), day.replace(year=2030).isoformat())


def test_the_second_optional_part_of_a_card_has_eleven_characters() -> None:
    lines = build("TD1", document(code="I", optional="", optional_2="Q" * 11))
    assert lines[1][18:29] == "Q" * 11
    assert mrz(lines, TODAY).valid


@pytest.mark.parametrize(("name", "place"), [("TD1", "line 1, character 19"), ("TD2", "line 2, character 32")])
def test_a_wrong_digit_of_a_long_number_is_named_where_it_stands(name: str, place: str) -> None:
    lines = build(name, document(code="I", number="D23145890734", optional=""))
    row, at = (int(word) - 1 for word in place.replace("line ", "").replace(" character ", "").split(","))
    changed = [*lines]
    changed[row] = lines[row][:at] + str((int(lines[row][at]) + 1) % 10) + lines[row][at + 1 :]
    (problem,) = mrz(tuple(changed), TODAY).problems
    assert (problem.field, place in problem.text.en) == ("document_number", True)
    assert f"{lines[row][at]} is expected" in problem.text.en


@pytest.mark.parametrize(("lines", "shape"), [((), "0"), (("A" * 44,), "44"), (("A" * 44, "A" * 43), "44, 43")])
def test_the_shape_that_was_given_is_said_in_both_languages(lines: tuple[str, ...], shape: str) -> None:
    (problem,) = mrz(lines, TODAY).problems
    assert problem.text.en.endswith(f"these have {shape}.")
    assert problem.text.zh.endswith(f"现各行为 {shape.replace(', ', '、')} 位。")


@pytest.mark.parametrize(("name", "first", "last"), [("TD1", 16, 18), ("TD3", 11, 13)])
def test_a_nationality_that_is_none_is_named_by_its_place(name: str, first: int, last: int) -> None:
    lines = tuple(line.replace("UTO", "UTP") for line in build(name, document(code=FORMATS[name], optional="")))
    (problem,) = (it for it in mrz(lines, TODAY).problems if it.field == "nationality")
    assert f"第 2 行第 {first} 至 {last} 位" in problem.text.zh
    assert f"Line 2, characters {first} to {last} " in problem.text.en


def test_a_character_that_cannot_stand_there_is_named_by_line_and_place_in_both_languages() -> None:
    (problem,) = mrz((GOOD[0], f"{GOOD[1][:9]}?{GOOD[1][10:]}"), TODAY).problems
    assert problem.field == "line_2"
    assert "第 2 行第 10 位" in problem.text.zh
    assert "Line 2, character 10 " in problem.text.en
