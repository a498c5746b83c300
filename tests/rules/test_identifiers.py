"""Credit codes, licence identifiers and the office's own numbers: published ones hold, one wrong character is found."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from permits.rules import identifiers, masking, nationality, regions
from permits.rules.credit_code import ALPHABET, AUTHORITIES, credit_code
from permits.rules.permanent_residence import permanent_residence
from tests.rules.published import cases

TODAY = date(2026, 11, 24)
COUNTERS = st.integers(1, 10**9)
ANYTHING = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-."


@st.composite
def credit_codes(draw: st.DrawFn) -> str:
    head = draw(st.sampled_from(AUTHORITIES)) + draw(st.sampled_from("123456789"))
    digits = draw(st.text("0123456789", min_size=6, max_size=6))
    body = head + digits + draw(st.text(ALPHABET, min_size=9, max_size=9))
    return body + uscc.calc_check_digit(body)


@st.composite
def changed(draw: st.DrawFn, number: str, alphabet: str = ANYTHING) -> str:
    """The same with one character changed."""
    at = draw(st.integers(0, len(number) - 1))
    other = draw(st.sampled_from(alphabet).filter(lambda c: c != number[at]))
    return number[:at] + other + number[at + 1 :]


@pytest.mark.parametrize("code", cases("credit_codes", "valid"))
def test_a_published_credit_code_holds(code: str) -> None:
    found = credit_code(code)
    assert found.valid
    assert found.fields["region"] == code[2:8]


@pytest.mark.parametrize("code", cases("credit_codes", "invalid"))
def test_a_wrong_credit_code_is_named_as_wrong_in_both_languages(code: str) -> None:
    found = credit_code(code)
    assert not found.valid
    assert found.problems
    assert all(it.text.zh and it.text.en for it in found.problems)


def test_a_wrong_check_character_says_which_one_is_expected() -> None:
    (problem,) = credit_code("11371000494416240X").problems
    assert problem.field == "check_character"
    assert "末位应为 Y" in problem.text.zh
    assert "call for Y" in problem.text.en


def test_a_letter_the_code_does_not_use_is_named_by_place_with_its_repair() -> None:
    found = credit_code("11510100MBOU99044Q")
    assert [it.field for it in found.problems] == ["characters"]
    assert found.problems[0].text.zh.startswith("第 11 位不能")
    assert found.problems[0].text.en.startswith("Character 11 cannot")
    assert found.fields["repair"] == "11510100MB0U99044Q"


def test_one_misread_character_is_among_the_repairs_that_are_named() -> None:
    (problem,) = credit_code("11110000000021185M").problems
    assert "第 16 位为 3" in problem.text.zh
    assert "character 16 is 3" in problem.text.en


@given(st.data(), st.sampled_from(cases("credit_codes", "valid")))
def test_a_repair_that_is_offered_is_a_code_that_holds(data: st.DataObject, code: str) -> None:
    repair = credit_code(data.draw(changed(code, ALPHABET + "IOSVZ"))).fields.get("repair")
    assert repair is None or credit_code(repair).valid


def test_a_code_of_the_wrong_length_says_both_lengths() -> None:
    (problem,) = credit_code("1111000000021135M").problems
    assert problem.field == "length"
    assert "18" in problem.text.en
    assert "17" in problem.text.en


def test_spaces_and_small_letters_in_a_credit_code_do_no_harm() -> None:
    assert credit_code(" 11371000 49441624-0y ").valid


@pytest.mark.parametrize(("code", "field"), [("B1371000494416240Y", "authority"), ("10371000494416240Y", "kind"),
                                         ("1137A000494416240Y", "region"), ("11A71000494416240Y", "region"),
                                         ("1137100A494416240Y", "region")])  # fmt: skip
def test_the_part_of_a_credit_code_that_cannot_be_is_named(code: str, field: str) -> None:
    assert field in [it.field for it in credit_code(code).problems]


def test_bodies_registered_by_agriculture_have_codes_too() -> None:
    body = "N2321200MF0000001"
    assert credit_code(body + uscc.calc_check_digit(body)).valid


@given(st.data(), credit_codes())
def test_any_one_wrong_character_of_a_credit_code_is_found(data: st.DataObject, code: str) -> None:
    assert credit_code(code).valid
    assert not credit_code(data.draw(changed(code, ALPHABET + "IOSVZ"))).valid


@pytest.mark.parametrize("case", cases("licence_identifier"), ids=lambda case: case["id"])
def test_a_published_licence_identifier_is_judged_as_published(case: Any) -> None:
    found = identifiers.licence_identifier(case["id"])
    assert found.valid is case["valid"]
    named = {key: case[key] for key in ("type", "issuer", "serial", "version", "check") if key in case}
    assert found.fields.items() >= named.items()


@given(st.data())
def test_any_one_wrong_character_of_a_licence_identifier_is_found(data: st.DataObject) -> None:
    good = "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U"
    assert not identifiers.licence_identifier(data.draw(changed(good))).valid


def test_a_wrong_licence_identifier_says_which_check_character_is_expected() -> None:
    found = identifiers.licence_identifier("1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.V")
    assert "U" in found.problems[0].text.en
    assert identifiers.licence_identifier("1.2.3").problems[0].field == "root"
    assert identifiers.licence_identifier("1.2.156.3005.2.1.2").problems[0].field == "form"


NUMBERS = (
    lambda n: identifiers.make_case_number("321200", 2026, n),
    lambda n: identifiers.make_letter_number("321200", 2026, n),
    lambda n: identifiers.make_permit_number("321200", n),
    lambda n: identifiers.make_verification_code("321200", n.to_bytes(12)),
)


@pytest.mark.parametrize("make", NUMBERS)
@given(st.data(), COUNTERS)
def test_any_one_wrong_character_of_our_numbers_is_found(make: Callable[..., str], data: st.DataObject, n: int) -> None:
    number = make(n)
    assert identifiers.region_of(number) == "321200"
    assert identifiers.region_of(data.draw(changed(number))) is None


@pytest.mark.parametrize("make", NUMBERS)
@given(st.data(), COUNTERS)
def test_two_neighbours_swapped_in_our_numbers_are_found(make: Callable[..., str], data: st.DataObject, n: int) -> None:
    number = make(n)
    at = data.draw(st.integers(0, len(number) - 2))
    swapped = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    assert swapped == number or identifiers.region_of(swapped) is None


def test_our_numbers_look_as_promised() -> None:
    assert identifiers.make_case_number("321200", 2026, 1866)[:-1] == "3212-26-001866-"
    assert identifiers.make_case_number("321200", 2026, 1234567)[:-1] == "3212-26-1234567-"
    assert identifiers.make_letter_number("321200", 2026, 5)[:-1] == "3212-26-L000005-"
    assert identifiers.make_permit_number("321202", 469920)[:-1] == "321200469920"
    code = identifiers.make_verification_code("321200", b"0123456789abcdef")
    assert [len(part) for part in code.split("-")] == [4, 4, 4, 4, 1]


def test_a_case_number_tells_its_parts_and_a_wrong_one_its_check_character() -> None:
    number = identifiers.make_case_number("321200", 2026, 1866)
    found = identifiers.case_number(number.lower())
    assert found.valid
    assert found.fields == {"region": "321200", "year": "2026", "serial": "001866", "check": number[-1]}
    wrong = identifiers.case_number(number[:-1] + ("0" if number[-1] != "0" else "1"))
    assert number[-1] in wrong.problems[0].text.en
    assert identifiers.case_number("3212").problems[0].field == "form"


@pytest.mark.parametrize("make", [
    lambda: identifiers.make_case_number("32120", 2026, 1),
    lambda: identifiers.make_case_number("321200", 2026, 0),
    lambda: identifiers.make_permit_number("321200", 10**12),
    lambda: identifiers.make_verification_code("321200", b"short"),
])  # fmt: skip
def test_a_number_is_not_made_of_what_cannot_be(make: Callable[..., str]) -> None:
    with pytest.raises(ValueError, match=r"region|counter|random"):
        make()


def test_what_is_none_of_ours_has_no_region() -> None:
    assert identifiers.region_of("") is None
    assert identifiers.region_of("1" * 1000) is None
    assert identifiers.region_of("３２１２-26-001866-X") is None


@pytest.mark.parametrize(("kind", "value"), [
    ("credit-code", "11371000494416240Y"),
    ("licence-identifier", "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U"),
    ("case-number", identifiers.make_case_number("321200", 2026, 7)),
    ("letter-number", identifiers.make_letter_number("321200", 2026, 7)),
    ("permit-number", identifiers.make_permit_number("321200", 7)),
    ("verification-code", identifiers.make_verification_code("321200", b"0123456789ab")),
    ("item-code", "11371000494416240Y3000106107005"),
    ("permanent-residence", "932682198501010017"),
    ("region", "321202"),
    ("nationality", "DEU"),
    ("mrz", ["P<USATRAVELER<<HAPPY<<<<<<<<<<<<<<<<<<<<<<<<", "1500000035USA5609165M0811150<<<<<<<<<<<<<<08"]),
    ("mrz", "P<USATRAVELER<<HAPPY<<<<<<<<<<<<<<<<<<<<<<<<\r\n1500000035USA5609165M0811150<<<<<<<<<<<<<<08\n"),
])  # fmt: skip
def test_each_kind_is_checked_by_its_name(kind: str, value: str | list[str]) -> None:
    assert identifiers.check(kind, value, TODAY).valid


def test_an_unknown_kind_is_an_error_and_too_long_a_text_a_problem() -> None:
    with pytest.raises(ValueError, match="kind"):
        identifiers.check("tax-number", "1", TODAY)
    assert identifiers.check("case-number", "1" * 10_000, TODAY).problems[0].field == "length"


def test_nationalities_are_isos_with_names_in_both_languages_and_the_passports_own_codes() -> None:
    assert nationality.NATIONALITIES["DEU"].zh == "德国"
    assert nationality.NATIONALITIES["GBR"].en == "United Kingdom"
    assert all(text.zh and text.en for text in nationality.NATIONALITIES.values())
    assert {"XXA", "XXB", "XXC", "RKS"} <= set(nationality.NATIONALITIES)
    assert len(nationality.NATIONALITIES) == 249


@pytest.mark.parametrize("code", ["XXX", "UTO", "D", "CHN", "TWN", "SUN", "ZZZ", "de", "", "EUE"])
def test_what_an_application_may_not_carry_as_nationality_is_refused_with_a_reason(code: str) -> None:
    assert code not in nationality.NATIONALITIES
    assert nationality.why_not(code).en


def test_a_passports_code_becomes_the_applications() -> None:
    assert nationality.icao_to_iso("D<<") == "DEU"
    assert nationality.icao_to_iso("GBN") == "GBR"
    assert nationality.icao_to_iso("RKS") == "RKS"
    assert nationality.why_not("DEU") is None


def test_masks_hide_all_but_what_may_be_seen() -> None:
    assert masking.mask_name("KARL MAX-JOSEF") == "K** M**-J**"
    assert masking.mask_name("张伟") == "张**"
    assert masking.mask_passport("X12345678") == "*****5678"
    assert masking.mask_passport("X12") == "*****2"
    assert masking.mask_birth(date(1982, 5, 6)) == "1982-**-**"


def test_every_kind_is_checked_and_a_wrong_value_of_each_is_a_problem() -> None:
    for kind in identifiers.KINDS:
        found = identifiers.check(kind, "?", TODAY)
        assert not found.valid, kind
        assert all(it.field and it.text.zh and it.text.en for it in found.problems), kind


@pytest.mark.parametrize("case", [case for case in cases("licence_identifier") if case["valid"]], ids=str)
def test_a_published_licence_identifier_is_made_from_its_parts(case: Any) -> None:
    made = identifiers.make_licence_identifier(case["type"], case["issuer"], case["serial"], int(case["version"]))
    assert made == case["id"]


def test_a_new_version_of_a_licence_keeps_its_serial_and_changes_its_check_character() -> None:
    parts = ("11100000000013338W011", "11430000006122244L", "20230000403")
    first, second = (identifiers.make_licence_identifier(*parts, version) for version in (1, 2))
    assert first != second
    assert [identifiers.licence_identifier(each).fields["version"] for each in (first, second)] == ["001", "002"]
    assert identifiers.licence_identifier(identifiers.make_licence_identifier(*parts, 999)).valid
    assert identifiers.make_licence_identifier(*parts) == first


@pytest.mark.parametrize(("type_code", "issuer", "serial", "version"), [
    ("111", "11430000006122244L", "1", 1), ("11100000000013338W011", "", "1", 1),
    ("11100000000013338W011", "1" * 19, "1", 1), ("11100000000013338W011", "1", "1" * 41, 1),
    ("11100000000013338W011", "1", "1", 0), ("11100000000013338W011", "1", "1", 1000),
])  # fmt: skip
def test_a_licence_identifier_is_not_made_of_what_cannot_be(
    type_code: str, issuer: str, serial: str, version: int
) -> None:
    with pytest.raises(ValueError, match="cannot stand"):
        identifiers.make_licence_identifier(type_code, issuer, serial, version)


@pytest.mark.parametrize("case", cases("item_code"), ids=lambda case: case["item_code"])
def test_a_published_item_code_is_taken_apart(case: Any) -> None:
    found = identifiers.item_code(case["item_code"])
    assert found.valid
    assert found.fields == {key: case[key] for key in ("credit_code", "level", "basic_code")}
    variant = identifiers.item_code(f"{case['credit_code']}{case['level']}{case['basic_code_printed_with_variant']}")
    assert variant.fields["basic_code"] == case["basic_code_printed_with_variant"]


@pytest.mark.parametrize(("code", "field"), [
    ("11371000494416240X3000106107005", "credit_code"), ("11371000494416240Y7000106107005", "level"),
    ("11371000494416240Y", "level"), ("11371000494416240Y3", "basic_code"), ("11371000494416240Y3ABC", "basic_code"),
])  # fmt: skip
def test_the_wrong_part_of_an_item_code_is_named(code: str, field: str) -> None:
    assert [it.field for it in identifiers.item_code(code).problems] == [field]


@pytest.mark.parametrize("case", cases("permanent_resident_id"), ids=lambda case: case["number"])
def test_a_published_number_of_a_permanent_resident_is_judged_as_published(case: Any) -> None:
    assert permanent_residence(case["number"], TODAY).valid is case["valid"]


def test_the_number_of_a_permanent_resident_tells_its_parts() -> None:
    found = permanent_residence(" 932682 19850101 0017 ", TODAY)
    assert found.fields == {"place": "32", "nationality": "SAU", "birth": "1985-01-01", "serial": "001", "check": "7"}


@pytest.mark.parametrize(("number", "fields"), [
    ("", ["form"]), ("832682198501010017", ["form"]), ("93268219850101001", ["form"]),
    ("900682198501010017", ["place", "check_character"]), ("932000198501010017", ["nationality", "check_character"]),
    ("932682198513010017", ["birth", "check_character"]), ("932682202611250017", ["birth", "check_character"]),
    ("932682198501010018", ["check_character"]),
])  # fmt: skip
def test_the_wrong_part_of_a_permanent_residents_number_is_named(number: str, fields: list[str]) -> None:
    found = permanent_residence(number, TODAY)
    assert [it.field for it in found.problems] == fields
    assert not found.valid


def test_somebody_born_today_may_have_a_number() -> None:
    assert "birth" not in [it.field for it in permanent_residence("932682202611240017", TODAY).problems]
    assert "for 7," in permanent_residence("932682198501010010", TODAY).problems[0].text.en


@given(st.data())
def test_any_one_wrong_digit_of_a_permanent_residents_number_is_found(data: st.DataObject) -> None:
    assert not permanent_residence(data.draw(changed("932682198501010017", "0123456789X")), TODAY).valid


@pytest.mark.parametrize(("code", "en"), [
    ("321200", "Taizhou"), ("321202", "Hailing"), ("321203", "Gaogang"), ("321204", "Jiangyan"), ("321281", "Xinghua"),
    ("321282", "Jingjiang"), ("321283", "Taixing"), ("320500", "Suzhou"), ("321300", "Suqian"), ("320000", "Jiangsu"),
    ("110000", "Beijing"), ("110105", "Beijing"), ("440100", "Guangdong"),
])  # fmt: skip
def test_a_regions_code_has_its_name(code: str, en: str) -> None:
    found = identifiers.region(code)
    assert found.valid
    assert (found.fields["code"], found.fields["name_en"]) == (code, en)
    assert found.fields["name_zh"]


@pytest.mark.parametrize("code", ["", "3212", "3212000", "990000", "329900", "32120a", "３２１２００", "321284"])
def test_what_is_no_regions_code_has_no_name(code: str) -> None:
    assert regions.name_of(code) is None
    assert [it.field for it in identifiers.region(code).problems] == ["code"]


def test_jiangsu_has_thirteen_cities_and_taizhou_six_districts() -> None:
    assert sum(code.endswith("00") for code in regions.JIANGSU) == 13
    assert sum(code.startswith("3212") and not code.endswith("00") for code in regions.JIANGSU) == 6
    assert len(regions.PROVINCES) == 34


def test_a_nationality_is_checked_by_iso_code_and_a_passports_own() -> None:
    assert identifiers.nationality("D").fields == {"code": "DEU", "name_zh": "德国", "name_en": "Germany"}
    assert identifiers.nationality(" XXA ").valid
    assert [it.field for it in identifiers.nationality("CHN").problems] == ["code"]


@pytest.mark.parametrize(("numeric", "alpha"), [("276", "DEU"), ("682", "SAU"), ("840", "USA"), ("156", None),
                                                ("000", None), ("DEU", None)])  # fmt: skip
def test_numeric_nationalities_are_isos(numeric: str, alpha: str | None) -> None:
    assert nationality.alpha_3(numeric) == alpha


@pytest.mark.parametrize(("make", "check", "fields"), [
    (lambda: identifiers.make_letter_number("321200", 2026, 5), identifiers.letter_number,
     {"region": "321200", "year": "2026", "serial": "000005"}),
    (lambda: identifiers.make_permit_number("321200", 5), identifiers.permit_number,
     {"region": "321200", "serial": "000005"}),
    (lambda: identifiers.make_verification_code("321200", b"0123456789ab"), identifiers.verification_code,
     {"region": "321200"}),
])  # fmt: skip
def test_our_other_numbers_tell_their_parts_and_a_wrong_one_its_check_character(
    make: Callable[[], str], check: Callable[[str], Any], fields: dict[str, str]
) -> None:
    number = make()
    assert check(number.lower()).fields == fields | {"check": number[-1]}
    wrong = check(number[:-1] + ("0" if number[-1] != "0" else "1"))
    assert [it.field for it in wrong.problems] == ["check_character"]
    assert f"for {number[-1]}," in wrong.problems[0].text.en
    assert [it.field for it in check(number[1:]).problems] == ["form"]
    assert check(identifiers.make_case_number("321200", 2026, 5)).problems[0].field == "form"


@pytest.mark.parametrize(("letter", "meant"), [("O", "0"), ("I", "1"), ("Z", "2"), ("S", "5"), ("V", "U")])
def test_a_letter_the_code_does_not_use_is_answered_by_the_one_it_looks_like(letter: str, meant: str) -> None:
    body = f"9132120{meant}MA0000000"[:17] if meant.isdigit() else f"91321200{meant}A0000000"
    code = body + uscc.calc_check_digit(body)
    at = code.index(meant, 7)
    (problem,) = credit_code(code[:at] + letter + code[at + 1 :]).problems
    assert (problem.field, f"be {meant}?" in problem.text.en) == ("characters", True)
    assert f"Character {at + 1} " in problem.text.en


@pytest.mark.parametrize(("code", "fields"), [
    ("11371000494416240Y", {"authority": "1", "kind": "1", "region": "371000", "organisation": "494416240",
                            "check": "Y"}),
    ("91610800064834709T", {"authority": "9", "kind": "1", "region": "610800", "organisation": "064834709",
                            "check": "T"}),
])  # fmt: skip
def test_a_credit_code_tells_its_parts(code: str, fields: dict[str, str]) -> None:
    assert credit_code(code).fields == fields


@pytest.mark.parametrize(("written", "meant"), [("8", "B"), ("B", "8"), ("D", "0"), ("G", "6"), ("Q", "0")])
def test_of_several_repairs_the_look_alikes_come_first(written: str, meant: str) -> None:
    for serial in range(2000):
        body = f"913212{serial % 100:02d}M{meant}{serial:07d}"[:17]
        good = body + uscc.calc_check_digit(body)
        wrong = good[:9] + written + good[10:]
        found = credit_code(wrong)
        if credit_code(good).valid and found.fields.get("repair") == good:
            return
    pytest.fail("no repair by look-alike was ever offered")


@pytest.mark.parametrize("code", cases("credit_codes", "valid"))
def test_one_unreadable_character_of_a_published_code_is_put_right_wherever_it_stands(code: str) -> None:
    for at in range(len(code)):
        assert credit_code(f"{code[:at]}I{code[at + 1 :]}").fields == {"repair": code}


def test_a_code_whose_check_fails_says_every_likely_place_in_both_languages() -> None:
    (problem,) = credit_code("11110000000021185M").problems
    assert problem.text.zh.startswith("校验不符：按前 17 位计算，末位应为 ")
    assert "若是别处写错一位，可能第 " in problem.text.zh
    assert problem.text.en.count("character ") == problem.text.en.count(", or character ") + 1
    assert problem.text.zh.count("位为") == problem.text.zh.count("、第") + 1


@pytest.mark.parametrize(("code", "says"), [
    ("11371000494416240X3000106107005", ("前 18 位", "first 18")),
    ("11371000494416240Y7", ("第 19 位", "Character 19")),
    ("11371000494416240Y3", ("第 20 位", "From character 20")),
])  # fmt: skip
def test_the_wrong_part_of_an_item_code_is_described(code: str, says: tuple[str, str]) -> None:
    (problem,) = identifiers.item_code(code).problems
    assert problem.text.zh.startswith(says[0])
    assert says[1] in problem.text.en


def test_numbers_longer_than_any_identifier_are_not_looked_at() -> None:
    number = identifiers.make_case_number("321200", 2026, 7)
    assert identifiers.case_number(number + " " * (identifiers.LONGEST - len(number))).valid
    assert not identifiers.case_number(number + " " * identifiers.LONGEST).valid


@given(st.text(ALPHABET, min_size=17, max_size=17))
def test_our_check_character_is_that_of_the_credit_code(body: str) -> None:
    assert identifiers.check_character(body) == uscc.calc_check_digit(body)


def test_the_numeric_codes_of_countries_are_isos_one_each() -> None:
    known = {"276": "DEU", "826": "GBR", "840": "USA", "392": "JPN", "410": "KOR", "682": "SAU", "643": "RUS",
             "180": "COD", "688": "SRB", "499": "MNE", "728": "SSD", "804": "UKR"}  # fmt: skip
    assert {code: nationality.alpha_3(code) for code in known} == known
    assert all(len(code) == 3 and code.isdecimal() for code in nationality.NUMERIC)
    assert len(set(nationality.NUMERIC.values())) == len(nationality.NUMERIC)
    assert set(nationality.NUMERIC.values()) <= set(nationality.NATIONALITIES)
    assert set(nationality.NATIONALITIES) - set(nationality.NUMERIC.values()) == {"RKS", "XXA", "XXB", "XXC"}
