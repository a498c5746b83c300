"""The description of the JSON interface: the OpenAPI document, and a page to read and try it."""

from typing import Any

from litestar import Request, Response, get
from litestar.serialization import encode_json

from permits.web.api import description
from permits.web.pages import page


@get("/api/v1/openapi.json", include_in_schema=False)
async def document(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The OpenAPI document."""
    schema = description.completed(request.app.openapi_schema.to_schema())
    return Response(encode_json(schema), media_type="application/vnd.oai.openapi+json")


@get("/api/v1/docs")
async def read(request: Request[Any, Any, Any]) -> Response[str]:
    """The reader of the document, from our own static files."""
    return page(request, "ow/api_docs.html")
