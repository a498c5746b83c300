"""A document is shown as a picture of a page, and nothing but pixels leaves."""

import io

import pytest
from PIL import Image

from permits.errors import NotFound
from permits.files.preview import page_png
from tests.files import uploads


def shown(data: bytes, media: str, page: int = 1, width: int = 400) -> Image.Image:
    return Image.open(io.BytesIO(page_png(data, media, page, width)))


def test_a_page_of_a_pdf_is_drawn_at_the_width_asked_for() -> None:
    picture = shown(uploads.pdf(2), "application/pdf", 2)
    assert (picture.format, picture.width) == ("PNG", 400)
    assert 560 <= picture.height <= 570


def test_a_photo_stands_upright_and_has_lost_its_exif() -> None:
    raw = page_png(uploads.photo_with_place(), "image/jpeg", 1, 300)
    picture = Image.open(io.BytesIO(raw))
    assert picture.size == (300, 400)
    assert not picture.getexif()
    assert b"Muster" not in raw


def test_transparent_places_are_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(out, "PNG")
    assert shown(out.getvalue(), "image/png").getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(("media", "page"), [("application/pdf", 0), ("application/pdf", 3), ("image/jpeg", 2)])
def test_a_page_that_is_not_there_is_not_found(media: str, page: int) -> None:
    data = uploads.pdf(2) if media == "application/pdf" else uploads.picture()
    with pytest.raises(NotFound):
        shown(data, media, page)


def test_a_picture_is_never_wider_than_the_screen_needs() -> None:
    assert shown(uploads.pdf(), "application/pdf", 1, 100_000).width == 2000
