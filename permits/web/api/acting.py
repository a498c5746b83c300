"""A call for each action of the lifecycle, made from the table of actions."""

from typing import Any

import asyncpg
import msgspec
from litestar import Response, post
from litestar.params import FromPath, JSONBody

from permits.cases import actions, service
from permits.cases.once import Answer
from permits.web.api.call import Asked, Kept, call_of, once
from permits.web.auth import require_token

PARTY = ("withdraw", "correct")


def action_call(place: str, action: str) -> Any:
    """The call `POST /{place}/{number}/{action}`; its answer is the case as the asker sees it then."""
    kind: Any = actions.ACTIONS[action][0]

    async def take(request: Asked, number: FromPath[str], data: Any) -> Response[bytes]:
        call = await call_of(request)

        async def run(tx: asyncpg.Connection) -> Answer:
            case = await service.act(
                tx, call.office, call.account, call.region, number, action, data, version=call.version
            )
            return Answer(200, msgspec.json.encode(service.seen(case, call.account, call.office, call.lang)))

        return await once(call, run)

    body: Any = JSONBody
    take.__annotations__["data"] = body[kind]
    take.__doc__ = actions.ACTIONS[action][1].__doc__
    made = post(
        f"/{place}/{{number:str}}/{action}",
        status_code=200,
        dto=Kept[kind],
        return_dto=None,
        guards=[require_token()],
        operation_id=f"{place}-{action}",
    )
    return made(take)
