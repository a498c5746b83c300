"""`permits bench pages`: how long every page takes, role by role, on a real server over loopback with a city's data.

It asks one page at a time from first to last byte, after it was asked a few times; a page that is no 200 fails it.
"""

import asyncio
import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from statistics import median, quantiles

import aiohttp
import msgspec

from permits.bench import city
from permits.bench.city import Someone
from permits.bench.contestants import answering, served
from permits.bench.ground import Ground, Unmeasurable, laid, take_statistics
from permits.db.host import Unusable

WARM_UP = 3
AIM_MS = 100.0
PLAIN = {
    "employer": ("/", "/apply/", "/apply/start", "/verify/"),
    "clerk": ("/window/", "/window/?state=submitted", "/window/hand-out", "/agencies/"),
    "reviewer": ("/review/", "/review/?state=review"),
    "manager": (
        "/office/", "/office/?on=2024-12-31", "/office/?on=2024-12-31&as_known_on=2025-01-06",
        "/office/?nationalities=all", "/office/permits", "/office/permits?nationality=KOR&category=B",
        "/office/permits?on=2024-12-31&as_known_on=2024-12-31", "/office/by/nationality", "/office/by/employer",
        "/office/expiring?days=90", "/office/compare", "/office/compare?by=employer",
        "/office/flows", "/office/flows?from=2017-01-01", "/office/flows?as_known_on=2026-06-30",
        "/office/changes?from=2025-12-31&to=2026-06-30&kind=granted",
        "/office/times", "/office/times/cases", "/office/shares/kept?part=yes", "/office/shares/visits",
        "/office/shares/committed", "/office/reports", "/office/exports", "/office/looks", "/office/views",
    ),
    "admin": ("/admin/", "/admin/calendar"),
}  # fmt: skip
"""The pages that need no number."""
CASES = {
    "submitted": ("clerk", "/window/{}"),
    "accepted": ("reviewer", "/review/{}"),
    "recommended": ("decider", "/review/{}/decide"),
    "granted": ("clerk", "/window/{}/hand-out"),
}
"""A page of a case, by the state it is in."""


class Took(msgspec.Struct, frozen=True):
    """How long a page took, in milliseconds from first byte asked to last byte read."""

    role: str
    path: str
    size: int
    least: float
    middle: float
    most: float
    """Nine in ten took no longer."""


def main(permits: int, cases: int, times: int) -> int:
    """Measure and print; 1 where this machine cannot, or a page is over the aim."""
    try:
        found = measure(permits, cases, times)
    except (Unusable, Unmeasurable) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(table(found, permits, cases, times))
    return int(any(one.middle > AIM_MS for one in found))


def measure(permits: int, cases: int, times: int) -> list[Took]:
    """How long each page takes. Raises Unmeasurable, Unusable."""
    with laid() as ground:
        return asyncio.run(_measured(ground, permits, cases, times))


async def _measured(ground: Ground, permits: int, cases: int, times: int) -> list[Took]:
    people = city.first(await city.lay(ground, permits, cases))
    await take_statistics(ground)
    found = []
    with served(ground) as (port, _):
        base = f"http://127.0.0.1:{port}"
        async with aiohttp.ClientSession(base) as http:
            await answering(http, ground.folder / "web.log")
            cookies = {role: await _signed_in(http, one) for role, one in people.items()}
            for role, path in await _asked(http, people):
                found.append(await _took(http, cookies[role], role, path, times))
    return found


async def _asked(http: aiohttp.ClientSession, people: Mapping[str, Someone]) -> list[tuple[str, str]]:
    """Every page with the role that looks at it."""
    pages = [(role, path) for role, paths in PLAIN.items() for path in paths]
    bearer = {"Authorization": f"Bearer {people['clerk'].token}"}
    for state, (role, path) in CASES.items():
        async with http.get(f"/api/v1/cases?state={state}", headers=bearer) as answer:
            items = (await answer.json())["items"]
        pages += [(role, path.format(items[0]["number"]))] if items else []
    bearer = {"Authorization": f"Bearer {people['manager'].token}"}
    async with http.get("/api/v1/statistics/valid-permits/list?on=2024-12-31&size=500", headers=bearer) as answer:
        numbers = [one["number"] for one in (await answer.json())["items"] if one["employer_name"] != "示例"]
    return pages + [("clerk", f"/window/permits/{number}") for number in numbers[:1]]


async def _signed_in(http: aiohttp.ClientSession, one: Someone) -> dict[str, str]:
    """The header of somebody's session; the cookie is for https, so it is carried by hand."""
    async with http.get("/sign-in") as page:
        found = re.search(r'name="csrf" value="([^"]+)"', await page.text())
        before = "; ".join(f"{name}={cookie.value}" for name, cookie in page.cookies.items())
    fields = {"csrf": found[1] if found else "", "email": one.email, "password": one.password}
    async with http.post("/sign-in", data=fields, headers={"Cookie": before}, allow_redirects=False) as answer:
        session = answer.cookies.get("__Host-session")
    if session is None:
        raise Unmeasurable(f"{one.email} cannot sign in.")
    return {"Cookie": f"__Host-session={session.value}", "Accept-Language": "zh-CN"}


async def _took(http: aiohttp.ClientSession, headers: Mapping[str, str], role: str, path: str, times: int) -> Took:
    spent, size = [], 0
    for _ in range(WARM_UP + times):
        begun = time.perf_counter()
        async with http.get(path, headers=headers) as answer:
            size = len(await answer.read())
        spent.append(1000 * (time.perf_counter() - begun))
        if answer.status != 200:
            raise Unmeasurable(f"{path} answered {answer.status} to a {role}.")
    spent = spent[WARM_UP:]
    return Took(role, path, size, min(spent), median(spent), quantiles(spent, n=10)[-1] if times > 1 else spent[0])


def table(found: Sequence[Took], permits: int, cases: int, times: int) -> str:
    """The table; what is over the aim is marked."""
    head = (
        f"Milliseconds a page, {times} times each, {permits:,} permits and {cases:,} cases beside the demonstration:\n"
    )
    titles = f"{'':10}{'':66}{'kB':>6}{'least':>8}{'middle':>8}{'9 in 10':>8}\n"
    return head + "\n" + titles + "".join(_lines(found))


def _lines(found: Sequence[Took]) -> Iterator[str]:
    for one in found:
        over = "  over" if one.middle > AIM_MS else ""
        figures = "".join(f"{ms:8.1f}" for ms in (one.least, one.middle, one.most))
        yield f"{one.role:10}{one.path:66.66}{one.size / 1000:6.0f}{figures}{over}\n"
