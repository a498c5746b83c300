"""Views: a figures page kept under a name, opened by its owner alone, and nothing but figures."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permits.db.database import Database
from permits.errors import BadInput
from permits.statistics import views
from permits.web.pages import is_own
from tests.register.samples import REGION
from tests.web.figures import Client, enter
from tests.web.shapes import shape

PAGE = "/office/by/district?on=2024-06-30&as_known_on=2024-07-01"


async def proof(client: Client) -> str:
    """What the forms of these pages carry."""
    found = re.search(r'name="csrf" value="([^"]*)"', (await client.get("/office/views?save=/office/")).text)
    assert found
    return found[1]


async def keep(client: Client, name: str, address: str, **more: str) -> int:
    """Save a view; the answer's status."""
    fields = {"csrf": await proof(client), "name": name, "address": address, **more}
    return (await client.post("/office/views", data=fields)).status_code


async def kept(client: Client) -> dict[str, str]:
    """The views by name."""
    html = (await client.get("/office/views")).text
    found = re.findall(r'<th scope="row"><a href="([^"]*)">([^<]*)</a>', html)
    return {unescape(name): unescape(address) for address, name in found}


@pytest.mark.usefixtures("filled")
async def test_a_page_is_kept_under_a_name_and_opened_again(manager: Client) -> None:
    html = (await manager.get(PAGE)).text
    link = re.search(r'href="(/office/views\?save=[^"]*)"', html)
    assert link
    form = (await manager.get(unescape(link[1]))).text
    address = unescape(re.findall(r'name="address" value="([^"]*)"', form)[0])
    assert address == PAGE
    assert await keep(manager, "  区县，  六月底 ", address) == 303
    assert await kept(manager) == {"区县， 六月底": PAGE}
    assert "<b>" not in (await manager.get(PAGE)).text


async def test_a_view_may_follow_the_calendar(manager: Client) -> None:
    await keep(manager, "每天", "/office/by/category?on=2024-06-30", follow="1")
    await keep(manager, "比较", "/office/compare?from=2023-12-31&to=2024-06-30&by=sex", follow="1")
    assert await kept(manager) == {"每天": "/office/by/category", "比较": "/office/compare?from=2023-12-31&by=sex"}


async def test_a_name_used_again_replaces_the_view(manager: Client) -> None:
    for day in ("2024-06-30", "2024-07-31"):
        assert await keep(manager, "月底", f"/office/?on={day}") == 303
    assert await kept(manager) == {"月底": "/office/?on=2024-07-31"}


async def test_a_view_is_dropped_by_its_owner_only(manager: Client, database: Database) -> None:
    await keep(manager, "一", "/office/")
    html = (await manager.get("/office/views")).text
    address = re.findall(r'action="(/office/views/[^"]*)"', html)[0]
    async with database.transaction(REGION) as tx:
        await tx.execute("UPDATE saved_view SET account_id = gen_random_uuid()")
    assert await kept(manager) == {}
    assert (await manager.post(address, data={"csrf": await proof(manager)})).status_code == 404
    await keep(manager, "二", "/office/")
    own = re.findall(r'action="(/office/views/[^"]*)"', (await manager.get("/office/views")).text)[0]
    assert (await manager.post(own, data={"csrf": await proof(manager)})).status_code == 303
    assert await kept(manager) == {}


@pytest.mark.parametrize(
    "address",
    ["https://elsewhere.example/office/", "//elsewhere.example/office/", "/window/", "/office/exports", "javascript:x",
     "/office/by/height", "/office/../window/", "", "/office/?" + "on=1&" * 200],
)  # fmt: skip
async def test_only_pages_of_figures_can_be_kept(manager: Client, address: str) -> None:
    assert await keep(manager, "x", address) == 400
    assert await kept(manager) == {}


async def test_a_wrong_name_is_told_beside_its_field_and_what_was_typed_stays(manager: Client) -> None:
    fields = {"csrf": await proof(manager), "name": "n" * 61, "address": PAGE}
    answer = await manager.post("/office/views", data=fields)
    assert answer.status_code == 400
    assert 'id="name-error"' in answer.text
    assert f'value="{"n" * 61}"' in answer.text


async def test_a_person_keeps_so_many_views_and_no_more(manager: Client, database: Database) -> None:
    await keep(manager, "0", "/office/")
    async with database.transaction(REGION) as tx:
        await tx.execute(
            "INSERT INTO saved_view SELECT region, gen_random_uuid(), account_id, n::text, address, saved_at"
            f" FROM saved_view, generate_series(1, {views.MOST - 1}) n"
        )
    assert await keep(manager, "one more", "/office/") == 400
    assert await keep(manager, "0", "/office/times") == 303


async def test_nothing_is_kept_without_proof_that_the_form_is_ours(manager: Client) -> None:
    fields = {"csrf": "x", "name": "a", "address": "/office/"}
    assert (await manager.post("/office/views", data=fields)).status_code == 403
    assert await kept(manager) == {}


async def test_views_are_for_managers(visitor: Client, database: Database) -> None:
    clerk = await enter(visitor, database, "clerk")
    assert (await clerk.get("/office/views")).status_code == 403


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("query", ["", "&save=/office/"])
async def test_the_page_is_whole_in_both_languages(manager: Client, lang: str, query: str) -> None:
    read = shape((await manager.get(f"/office/views?lang={lang}{query}")).text)
    assert (read.open, read.refused) == ([], [])


@given(st.text(max_size=80) | st.builds("/office/{}".format, st.text(max_size=60)), st.booleans())
def test_whatever_is_kept_leads_to_a_page_of_figures(address: str, follow: bool) -> None:
    try:
        found = views.checked_address(address, follow=follow)
    except BadInput:
        return
    assert is_own(found)
    assert found.startswith("/office/")
    assert views.checked_address(found, follow=follow) == found
