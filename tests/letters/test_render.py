"""A letter is one page of archival PDF, says what it must, and is the same bytes for the same facts."""

import datetime as dt
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pikepdf
import pypdfium2
import pytest

from permits.letters.model import Letter, kind_of
from permits.letters.render import render
from tests.letters import samples

every_kind = pytest.mark.parametrize("make", samples.ALL, ids=lambda make: make.__name__)


def words(pdf: bytes) -> str:
    """All text of a PDF without white space, which typesetting moves about."""
    with pypdfium2.PdfDocument(pdf) as document:
        return "".join("".join(page.get_textpage().get_text_range().split()) for page in document)


def pages(pdf: bytes) -> int:
    with pypdfium2.PdfDocument(pdf) as document:
        return len(document)


@every_kind
def test_a_letter_is_one_page_of_a4(make: Callable[..., Letter]) -> None:
    with pypdfium2.PdfDocument(render(make())) as document:
        assert len(document) == 1
        width, height = document[0].get_size()
    assert (round(width), round(height)) == (595, 842)


@every_kind
def test_a_letter_is_archival_pdf_dated_by_its_facts(make: Callable[..., Letter]) -> None:
    with pikepdf.open(io.BytesIO(render(make()))) as pdf, pdf.open_metadata() as metadata:
        assert metadata.pdfa_status == "2B"
        assert str(pdf.docinfo["/CreationDate"]) == "D:20261124160000Z"
        assert str(pdf.docinfo["/Title"])


@every_kind
def test_the_same_facts_give_the_same_bytes(make: Callable[..., Letter]) -> None:
    assert render(make()) == render(make())
    assert render(make()) != render(make(issued_on=dt.date(2026, 11, 26)))


@every_kind
def test_a_letter_says_its_number_person_and_seal(make: Callable[..., Letter]) -> None:
    letter = make()
    text = words(render(letter))
    for said in (letter.number, "莱娜·穆斯特", "MUSTER,LenaSophie", letter.employer, "泰州市示例决定机关"):
        assert said in text
    assert "2026年11月25日" in text


@every_kind
def test_a_demonstration_says_so_and_a_real_letter_does_not(make: Callable[..., Letter]) -> None:
    marks = ("演示，内容均为虚构", "Demonstration,inventedcontent", "演示专用章", "样本SPECIMEN")
    shown, real = words(render(make())), words(render(make(demo=False)))
    assert all(mark in shown for mark in marks)
    assert not any(mark in real for mark in marks)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (samples.acceptance, "第三十二条第一款第五项"),
        (samples.acceptance, "2026年12月4日前，7个工作日"),
        (samples.acceptance, "2026年12月23日前，20个工作日"),
        (samples.acceptance, "by4December2026;thelawgivesuntil23December2026"),
        (samples.correction, "3.住宿登记（公安机关）：地址已变更，请交新的登记。"),
        (samples.correction, "以上3项为全部内容"),
        (samples.grant, "第三十八条第一款"),
        (samples.grant, "有效期自2027年1月1日至2029年12月31日，由劳动合同期限定"),
        (samples.refusal, "第三十八条第二款"),
        (samples.refusal, "理由：申请写明的岗位与实际不符"),
        (samples.refusal, "60日内向泰州市人民政府申请行政复议"),
        (samples.refusal, "6个月内向有管辖权的人民法院提起行政诉讼"),
        (samples.not_acceptance, "60日内向泰州市人民政府申请行政复议"),
        (samples.termination, "用人单位注销：用人单位已于"),
        (samples.permit, "3212-9TQ2-M4XD-70KP"),
        (samples.permit, "C0DEM0047"),
        (samples.permit, "2029-12-31"),
        (samples.cancellation, "自2026年11月20日起不再有效"),
        (samples.direct_cancellation, "注销由本机关依职权办理"),
        (samples.direct_cancellation, "60日内向泰州市人民政府申请行政复议"),
        (samples.permit, "1.2.156.3005.2.DEMO00000000000000001.DEMO00000000000000.321200488430701.002.N"),
        (samples.permit, "类型代码TypeDEMO00000000000000001"),
        (samples.grant, "持证主体MUSTERLenaSophie"),
        (samples.revocation, "本机关决定：撤销"),
        (samples.withdrawal, "依法给予补偿"),
    ],
)
def test_a_letter_says_what_its_kind_must(make: Callable[..., Letter], said: str) -> None:
    assert said in words(render(make()))


def test_a_letter_shows_only_the_end_of_the_passport_number() -> None:
    text = words(render(samples.refusal()))
    assert "护照尾号0047" in text
    assert "C0DEM0047" not in text


@pytest.mark.parametrize(
    "hostile",
    [
        "#let x = 1; #x",
        '#eval("1 + 1")',
        '" + read("/etc/passwd") + "',
        "$ sum_(i=0)^n $",
        "*bold* _it_ `raw` <label> @ref",
        "]} \\ // /* #pagebreak() https://example.test/",
        "= Heading -- ... ~ '",
    ],
)
def test_hostile_text_is_printed_as_it_is(hostile: str) -> None:
    plain = "".join(hostile.split())
    assert plain in words(render(samples.refusal(reasons=hostile)))
    assert plain in words(render(samples.permit(employer=hostile)))


@pytest.mark.parametrize("name", ["ŁUKASZ, Żaneta", "NGUYỄN, Thị Ánh", "ØRSTED, Åse", "مريم", "ÖZGÜR, İpek", "Ἀθηνᾶ"])
def test_names_of_many_scripts_are_printed(name: str) -> None:
    facts = samples.grant(person=samples.person(latin_name=name, chinese_name=""))
    assert "〓" not in words(render(facts))


def test_a_character_without_a_font_is_marked_and_the_letter_still_made() -> None:
    text = words(render(samples.refusal(reasons="现场照片😀见附件\u202e\x00\u200b。")))
    assert "现场照片〓见附件。" in text


@pytest.mark.parametrize("reasons", ["", " \n ", "\u200b"])
def test_reasons_of_nothing_do_not_stop_a_letter(reasons: str) -> None:
    assert pages(render(samples.refusal(reasons=reasons))) == 1


def test_letters_are_made_by_many_threads_at_once() -> None:
    numbered = [samples.grant(case_number=f"3212-26-{n:06d}-K") for n in range(8)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(render, numbered)) == [render(letter) for letter in numbered]


def test_long_reasons_run_on_to_numbered_pages() -> None:
    pdf = render(samples.refusal(reasons="\n".join(["申请写明的岗位与实际不符，现场没有相应业务。" * 6] * 8)))
    assert pages(pdf) == 2
    assert "第1页，共2页" in words(pdf)


def test_a_letter_without_optional_facts_is_whole() -> None:
    bare = samples.acceptance(unified_number="", joint=False, demo=False)
    text = words(render(bare))
    assert "统一受理编号" not in text
    assert "居留许可由公安机关" not in text


def test_the_year_turns_at_midnight_in_the_city() -> None:
    pdf = render(samples.grant(issued_on=dt.date(2027, 1, 1)))
    assert "2027年1月1日" in words(pdf)


def test_the_kind_of_a_letter_is_its_tag() -> None:
    assert [kind_of(make()) for make in samples.ALL] == [
        "acceptance", "not-acceptance", "correction", "grant", "refusal", "termination", "permit", "cancellation",
        "direct-cancellation", "revocation", "withdrawal",
    ]  # fmt: skip
