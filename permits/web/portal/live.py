"""What a form says while one types: a credit code, the two lines of a passport. It keeps nothing."""

from litestar import post
from litestar.enums import MediaType
from litestar.response import Response

from permits import clock
from permits.rules.credit_code import credit_code
from permits.web.pages import posted
from permits.web.portal import passport
from permits.web.portal.fields import capitals
from permits.web.portal.ground import AGENT, Asked
from permits.web.templates import render
from permits.web.visitor import lang_of

LONGEST_CODE = 60
"""Characters of a code that are looked at."""


@post("/check/credit-code", guards=[AGENT], status_code=200)
async def live_credit_code(request: Asked) -> Response[str]:
    """A credit code: whether it holds, else what is wrong and the one-character repair."""
    sent = await posted(request)
    code = capitals(sent.get("value")[:LONGEST_CODE])
    piece = render("portal/live_credit.html", lang_of(request), check=credit_code(code), code=code, live=True)
    return Response(piece, media_type=MediaType.HTML)


@post("/check/passport", guards=[AGENT], status_code=200)
async def live_passport(request: Asked) -> Response[str]:
    """The two lines of a passport as they are read so far."""
    sent = await posted(request)
    read = passport.read(passport.typed(sent), clock.today())
    return Response(render("portal/read.html", lang_of(request), read=read, live=True), media_type=MediaType.HTML)
