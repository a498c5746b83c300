"""The letters of a case, byte for byte as they were issued, for its party."""

import uuid
from urllib.parse import quote

from litestar import get
from litestar.params import FromPath
from litestar.response import Response

from permits.errors import NotFound
from permits.i18n import Text
from permits.letters import service, store
from permits.letters.model import TITLES
from permits.web.portal.ground import AGENT, Asked, desk_of, look

NO_LETTER = Text("没有这份文书。", "There is no such letter.")


def letter_id(name: str) -> uuid.UUID:
    """The id in an address such as 0190….pdf. Raises NotFound."""
    try:
        return uuid.UUID(name.removesuffix(".pdf"))
    except ValueError:
        raise NotFound(NO_LETTER) from None


@get("/{number:str}/letters/{name:str}", guards=[AGENT])
async def download_letter(request: Asked, number: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """A letter's PDF."""
    desk, wanted = desk_of(request), letter_id(name)
    async with desk.database.transaction(desk.region) as tx:
        found = await look(tx, desk, number)
        letters = await store.letters_of_case(tx, desk.region, found.case.row.id)
        letter = next((one for one in letters if one.id == wanted), None)
        if letter is None:
            raise NotFound(NO_LETTER)
        pdf = await service.pdf_of(tx, desk.office.keys, desk.region, wanted)
    kept = quote(f"{TITLES[letter.kind].of(desk.lang)} {number}.pdf")
    return Response(
        pdf, media_type="application/pdf", headers={"Content-Disposition": f"inline; filename*=UTF-8''{kept}"}
    )
