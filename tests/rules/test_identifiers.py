"""Credit codes, licence identifiers and the office's own numbers: published ones hold, one wrong character is found."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from permits.rules import identifiers, masking, nationality
from permits.rules.credit_code import ALPHABET, AUTHORITIES, credit_code
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
    assert "第 11 位" in found.problems[0].text.zh
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
                                         ("1137A000494416240Y", "region")])  # fmt: skip
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
