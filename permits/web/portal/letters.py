"""The letters of a case or a permit, byte for byte as they were issued, for its party."""

import uuid
from urllib.parse import quote

from litestar import get
from litestar.params import FromPath
from litestar.response import Response

from permits.cases import holding
from permits.errors import NotFound
from permits.i18n import Text
from permits.letters import service, store
from permits.letters.kinds import TITLES
from permits.letters.model import Issued
from permits.web.portal.ground import AGENT, Asked, Desk, desk_of, look

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
    return _shown(desk, letter, number, pdf)


@get("/permits/{number:str}/letters/{name:str}", guards=[AGENT])
async def download_of_permit(request: Asked, number: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """A letter about one's permit that no case led to."""
    desk, wanted = desk_of(request), letter_id(name)
    async with desk.database.transaction(desk.region) as tx:
        entry = await holding.look(tx, desk.office, desk.account, desk.region, number, "letter")
        mine = [one.id for one in entry.permits]
        letter, pdf = await service.of_permit(tx, desk.office.keys, desk.region, mine, wanted)
    return _shown(desk, letter, number, pdf)


def _shown(desk: Desk, letter: Issued, number: str, pdf: bytes) -> Response[bytes]:
    kept = quote(f"{TITLES[letter.kind].of(desk.lang)} {number}.pdf")
    return Response(
        pdf, media_type="application/pdf", headers={"Content-Disposition": f"inline; filename*=UTF-8''{kept}"}
    )
