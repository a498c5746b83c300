"""A case's evidence to be saved: what the JSON interface hands out too, for whoever works with pages."""

from litestar import get
from litestar.params import FromPath
from litestar.response import Response

from permits.routing import dossier
from permits.web.auth import Asked, person
from permits.web.state import database_of, office_of, region_of_request


@get("/{number:str}/evidence/file")
async def evidence(request: Asked, number: FromPath[str]) -> Response[bytes]:
    """The evidence of a case as a zip file that an outsider can verify; that it was taken is on the record."""
    region, office, account = region_of_request(request), office_of(request), person(request)
    async with database_of(request).transaction(region) as tx:
        packed = await dossier.export(tx, office, account, region, number)
    saved = {"Content-Disposition": f'attachment; filename="evidence-{number}.zip"', "Cache-Control": "no-store"}
    return Response(packed, media_type="application/zip", headers=saved)
