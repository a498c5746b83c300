"""Files as people and attackers send them, made on the spot."""

import io
from collections.abc import Callable

import pikepdf
from PIL import Image


def pdf(pages: int = 1, change: Callable[[pikepdf.Pdf], object] = lambda made: None, **saving: object) -> bytes:
    """A PDF of empty A4 pages, changed as asked."""
    made = pikepdf.new()
    for _ in range(pages):
        made.add_blank_page(page_size=(595, 842))
    change(made)
    out = io.BytesIO()
    made.save(out, **saving)
    return out.getvalue()


def picture(kind: str = "JPEG", size: tuple[int, int] = (1200, 900), **saving: object) -> bytes:
    """A plain picture, its left half dark."""
    made = Image.new("RGB", size, "white")
    made.paste((20, 40, 60), (0, 0, size[0] // 2, size[1]))
    out = io.BytesIO()
    made.save(out, kind, **saving)
    return out.getvalue()


def photo_with_place(orientation: int = 6) -> bytes:
    """A JPEG as a telephone makes it: turned, with a name and a place in its EXIF."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x013B] = "Lena Sophie Muster"
    return picture(exif=exif)


def runs_script(made: pikepdf.Pdf) -> None:
    made.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def hides_script_in_a_link(made: pikepdf.Pdf) -> None:
    action = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
    field = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, AA=pikepdf.Dictionary(E=action))
    made.pages[0].Annots = pikepdf.Array([field])


def starts_a_program(made: pikepdf.Pdf) -> None:
    link = pikepdf.Dictionary(S=pikepdf.Name.Launch, F="calc.exe")
    made.pages[0].Annots = pikepdf.Array([pikepdf.Dictionary(Subtype=pikepdf.Name.Link, A=link)])


def carries_a_file(made: pikepdf.Pdf) -> None:
    made.attachments["evil.exe"] = b"MZ"


def sends_a_form(made: pikepdf.Pdf) -> None:
    made.Root.AcroForm = pikepdf.Dictionary(XFA=made.make_stream(b"<xdp/>"), Fields=pikepdf.Array())


def holds_a_vast_picture(made: pikepdf.Pdf) -> None:
    stream = made.make_stream(b"", Subtype=pikepdf.Name.Image, Width=60_000, Height=60_000)
    made.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=stream))


def links_to_a_page(made: pikepdf.Pdf) -> None:
    """Harmless: a link on the web and a bookmark's destination."""
    uri = pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://example.test/JavaScript")
    made.pages[0].Annots = pikepdf.Array([pikepdf.Dictionary(Subtype=pikepdf.Name.Link, A=uri)])
    made.Root.OpenAction = pikepdf.Array([made.pages[0].obj, pikepdf.Name.Fit])
