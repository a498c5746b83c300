"""Where other agencies hand in their signed messages."""

from litestar import Response, Router, post
from litestar.params import FromPath

from permits.errors import NotFound
from permits.i18n import Text
from permits.routing import service as routing
from permits.settings import settings
from permits.web.api.call import JSON, Asked
from permits.web.state import database_of, office_of

AGENCIES = ("police", "approval-bureau")


@post("/agencies/{agency:str}/messages", status_code=202)
async def receive(request: Asked, agency: FromPath[str]) -> Response[bytes]:
    """A signed message; 202 with a signed receipt, and again the same receipt."""
    if agency not in AGENCIES:
        raise NotFound(Text("没有这个部门。", "There is no such agency."))
    receipt = await routing.receive(
        database_of(request),
        office_of(request),
        settings().region,
        agency,
        request.method,
        str(request.url),
        dict(request.headers),
        await request.body(),
    )
    proof = dict(receipt.signed.headers) if receipt.signed else None
    return Response(receipt.body, status_code=202, media_type=JSON, headers=proof)


def router() -> Router:
    """The call of agencies."""
    return Router("/", route_handlers=[receive], tags=["agencies"])
