"""An upload is taken for what it is, and refused in both languages with what to do."""

import hashlib
import io
from collections.abc import Callable

import pikepdf
import pytest
from PIL import Image

from permits.errors import BadInput, TooLarge
from permits.files.check import check
from permits.files.model import Checked
from tests.files import uploads

ALL = ("pdf", "jpeg", "png")
LIMIT = 10_485_760


def taken(data: bytes, filename: str = "contract.pdf", accepts: tuple[str, ...] = ALL) -> Checked:
    return check(data, filename, accepts, LIMIT)  # type: ignore[arg-type]


def refusal(data: bytes, filename: str = "contract.pdf", accepts: tuple[str, ...] = ALL) -> str:
    with pytest.raises(BadInput) as refused:
        taken(data, filename, accepts)
    (error,) = refused.value.errors
    assert error.pointer == "/file"
    assert error.text.zh
    return error.text.en


def test_a_pdf_is_taken_with_its_pages_and_digest() -> None:
    data = uploads.pdf(3)
    found = taken(data, "劳动合同.pdf")
    assert (found.kind, found.media, found.extension) == ("pdf", "application/pdf", ".pdf")
    assert (found.pages, found.width, found.height) == (3, 595, 842)
    assert found.digest == hashlib.sha256(data).hexdigest()
    assert (found.name, found.warnings) == ("劳动合同.pdf", ())


@pytest.mark.parametrize(
    ("saved_as", "name", "media"), [("JPEG", "p.JPG", "image/jpeg"), ("PNG", "p.png", "image/png")]
)
def test_a_picture_is_taken_with_its_size(saved_as: str, name: str, media: str) -> None:
    found = taken(uploads.picture(saved_as), name)
    assert (found.media, found.pages, found.width, found.height, found.warnings) == (media, 1, 1200, 900, ())


def test_a_wrong_ending_is_mended_and_said() -> None:
    found = taken(uploads.picture(), "passport.pdf")
    assert found.name == "passport.jpg"
    assert "JPEG" in found.warnings[0].en


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\L\\合同.pdf", "合同.pdf"),
        ("a\u202efdp.pdf", "afdp.pdf"),
        ("a\x00b\n.pdf", "ab.pdf"),
        ("", "document.pdf"),
        (".pdf", "pdf.pdf"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_a_name_is_kept_without_what_could_harm(sent: str, kept: str) -> None:
    assert taken(uploads.pdf(), sent).name == kept


def test_a_small_picture_is_taken_with_a_warning() -> None:
    assert "resolution is low" in taken(uploads.picture(size=(500, 400)), "p.jpg").warnings[0].en


def test_too_large_a_file_is_refused_with_the_limit() -> None:
    with pytest.raises(TooLarge) as refused:
        check(b"%PDF-" + b"0" * 2_000_000, "a.pdf", ("pdf",), 1_048_576)
    assert "1 MB" in refused.value.detail.zh
    assert "at most 1 MB" in refused.value.detail.en


def test_an_empty_file_is_refused() -> None:
    assert "empty" in refusal(b"")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"PK\x03\x04" + b"\x00" * 100, "contract.docx"),
        (b"MZ\x90\x00" + b"\x00" * 100, "contract.pdf"),
        (b"<html><script>alert(1)</script></html>", "contract.pdf"),
        (b"GIF89a" + b"\x00" * 50, "photo.jpg"),
        (b"\n\n%PDF-1.7 behind something else", "contract.pdf"),
        (b"\x00" * 20, "contract.pdf"),
    ],
)
def test_other_kinds_are_refused_by_content_whatever_their_name(data: bytes, name: str) -> None:
    assert refusal(data, name).startswith("Only PDF, JPEG, PNG can be taken here")


def test_a_kind_that_is_not_wanted_here_is_refused() -> None:
    assert refusal(uploads.pdf(), "photo.pdf", ("jpeg", "png")).startswith("Only JPEG, PNG")


@pytest.mark.parametrize(
    "change",
    [
        uploads.runs_script,
        uploads.hides_script_in_a_link,
        uploads.starts_a_program,
        uploads.carries_a_file,
        uploads.sends_a_form,
    ],
)
def test_a_pdf_with_something_active_is_refused(change: Callable[[pikepdf.Pdf], object]) -> None:
    assert "scripts, attached files" in refusal(uploads.pdf(1, change))
    packed = uploads.pdf(1, change, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    assert "scripts, attached files" in refusal(packed)


def test_a_script_under_an_escaped_name_is_found() -> None:
    data = uploads.pdf(1, uploads.runs_script)
    assert "scripts" in refusal(data.replace(b"/JavaScript", b"/Jav#61Script").replace(b"/JS", b"/J#53"))


def test_a_pdf_with_links_is_taken() -> None:
    assert taken(uploads.pdf(2, uploads.links_to_a_page)).pages == 2


def test_a_pdf_with_a_password_is_refused() -> None:
    locked = pikepdf.Encryption(owner="o", user="u")
    restricted = pikepdf.Encryption(owner="o", user="")
    for encryption in (locked, restricted):
        assert "password" in refusal(uploads.pdf(encryption=encryption))


def test_a_pdf_with_a_vast_picture_is_refused() -> None:
    assert "too big inside" in refusal(uploads.pdf(1, uploads.holds_a_vast_picture))


def test_a_pdf_of_too_many_pages_is_refused() -> None:
    assert taken(uploads.pdf(50)).pages == 50
    assert "more than 50 pages" in refusal(uploads.pdf(51))


@pytest.mark.parametrize("data", [b"%PDF-1.7\n", b"%PDF-1.7\n" + b"\xff" * 5000, uploads.pdf()[:200]])
def test_a_broken_pdf_is_refused(data: bytes) -> None:
    assert refusal(data)


def test_a_pdf_that_lost_its_end_is_taken_with_a_warning() -> None:
    found = taken(uploads.pdf().replace(b"startxref", b"startxxxx"))
    assert "slightly damaged" in found.warnings[0].en


@pytest.mark.parametrize("saved_as", ["JPEG", "PNG"])
def test_a_picture_that_breaks_off_is_refused(saved_as: str) -> None:
    data = uploads.picture(saved_as)
    assert "broken or incomplete" in refusal(data[: len(data) // 2], "p.jpg")


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded() -> None:
    out = io.BytesIO()
    Image.new("1", (12_000, 5_000)).save(out, "PNG")
    assert "Too many pixels" in refusal(out.getvalue(), "p.png")


def test_a_moving_picture_is_refused() -> None:
    data = uploads.picture("PNG", save_all=True, append_images=[Image.new("RGB", (1200, 900), "red")])
    assert "one frame" in refusal(data, "p.png")


def test_a_telephone_s_photo_with_a_second_picture_inside_is_taken() -> None:
    data = uploads.picture("MPO", save_all=True, append_images=[Image.new("RGB", (300, 200), "red")])
    assert taken(data, "IMG_0001.JPG").media == "image/jpeg"
