"""The figures over the JSON interface: each opens into its list, and what cannot be answered says what can."""

import datetime as dt

import pytest

from permits.register import service as register
from permits.rules import law
from tests.register.samples import REGION, a_grant, an_ending
from tests.serving import Answer, Caller, Serving

PATH = "/api/v1/statistics"


@pytest.fixture
async def manager(service: Serving) -> Caller:
    """A manager over a register of 12 permits, of which one is cancelled, recorded late."""
    async with service.database.transaction(REGION) as tx:
        grants = [a_grant(n, category="ABC"[n % 3], district=("321202", "321281")[n % 2]) for n in range(12)]
        made = await register.grant_many(tx, law.load(), service.keys, grants)
        ending = an_ending(made[0], dt.date(2024, 3, 1), dt.date(2024, 8, 1))
        await register.end(tx, law.load(), service.keys, ending)
    return await service.caller("manager")


def _pointers(answer: Answer) -> list[str]:
    return [error["pointer"] for error in answer.body["errors"]]


async def test_every_figure_opens_into_its_list(manager: Caller) -> None:
    on = "on=2024-06-01"
    count = (await manager.get(f"{PATH}/valid-permits?{on}&by=category,district")).body
    assert (count["total"], sum(group["count"] for group in count["groups"])) == (11, 11)
    for group in count["groups"]:
        where = f"where=category:{group['category']}&where=district:{group['district']}"
        listed = (await manager.get(f"{PATH}/valid-permits/list?{on}&{where}")).body
        assert len(listed["items"]) == group["count"]
    then = (await manager.get(f"{PATH}/valid-permits/list?{on}&as_known_on=2024-06-01&size=5")).body
    rest = (await manager.get(f"{PATH}/valid-permits/list?{on}&as_known_on=2024-06-01&cursor={then['cursor']}")).body
    assert [len(then["items"]), len(rest["items"])] == [5, 7]


async def test_bridge_flows_and_what_expires_open_into_their_lists(manager: Caller) -> None:
    days = "from=2023-12-31&to=2024-06-30"
    bridge = (await manager.get(f"{PATH}/valid-permits/bridge?{days}")).body
    assert {c["kind"]: c["count"] for c in bridge["changes"]} == {"granted": 12, "corrected": -1}
    late = (await manager.get(f"{PATH}/valid-permits/bridge/list?{days}&kind=corrected")).body["items"]
    assert [item["count"] for item in late] == [-1]
    then = (await manager.get(f"{PATH}/valid-permits/bridge?{days}&as_known_on=2024-07-31")).body
    assert (then["to"]["total"], then["changes"]) == (12, [{"kind": "granted", "count": 12}])
    flows = (await manager.get(f"{PATH}/flows?from=2024-01-01&to=2024-12-31&per=year")).body["items"]
    assert {c["kind"]: c["count"] for c in flows[0]["changes"]} == {"granted": 12, "cancelled": -1}
    listed = await manager.get(f"{PATH}/flows/list?from=2024-01-01&to=2024-12-31&kind=cancelled")
    assert [item["count"] for item in listed.body["items"]] == [-1]
    early = f"{PATH}/flows?from=2024-01-01&to=2024-12-31&per=year&as_known_on=2024-07-31"
    assert (await manager.get(early)).body["items"][0]["changes"] == [{"kind": "granted", "count": 12}]
    expiring = (await manager.get(f"{PATH}/expiring?on=2024-12-01&days=30&size=500")).body
    assert (expiring["count"], len(expiring["items"])) == (11, 11)


@pytest.mark.parametrize(
    ("asked", "pointer", "possible"),
    [
        ("valid-permits?on=2010-01-01", "/on", "2024-01-01"),
        ("valid-permits?on=2024-06-01&as_known_on=2199-01-01", "/as_known_on", "20"),
        ("valid-permits?on=2024-06-01&as_known_on=2010-01-01", "/as_known_on", "2023-12-22"),
        ("valid-permits?on=2024-06-01&by=height", "/by", "nationality"),
        ("valid-permits?on=2024-06-01&by=category,sex,district", "/by", "two"),
        ("valid-permits/bridge?from=2010-01-01&to=2024-06-01", "/from", "2024-01-01"),
        ("flows/list?from=2024-01-01&to=2024-06-01&kind=vanished", "/kind", "granted"),
        ("flows?from=2024-01-01&to=2024-06-01&per=week", "/per", "month"),
        ("flows?from=2024-01-01&to=2024-06-01&as_known_on=2010-01-01", "/as_known_on", "2023-12-22"),
        ("valid-permits?on=yesterday", "/on", "2024-12-31"),
        ("valid-permits?region=taizhou", "/region", "GB/T 2260"),
        ("valid-permits?region=321202", "/region", "by=district"),
        ("valid-permits?by=category,", "/by", "nationality"),
        ("valid-permits/list?where=height:3", "/where", "nationality"),
        ("valid-permits/list?where=category", "/where", "nationality"),
        ("expiring?days=-1", "/days", "3660"),
    ],
)
async def test_what_cannot_be_answered_says_what_can(manager: Caller, asked: str, pointer: str, possible: str) -> None:
    answer = await manager.call("GET", f"{PATH}/{asked}", lang="en")
    assert (answer.status, _pointers(answer)) == (400, [pointer])
    assert possible in answer.body["errors"][0]["detail"]


async def test_a_city_that_one_does_not_manage_is_refused_with_those_that_one_does(manager: Caller) -> None:
    answer = await manager.call("GET", f"{PATH}/flows?from=2024-01-01&to=2024-06-01&region=110000", lang="en")
    assert (answer.status, REGION in answer.body["detail"]) == (403, True)


async def test_figures_are_for_managers(service: Serving, manager: Caller) -> None:
    clerk = await service.caller("clerk")
    for path in ("valid-permits/list", "flows?from=2024-01-01&to=2024-02-01", "expiring"):
        assert (await clerk.get(f"{PATH}/{path}")).status == 403


@pytest.mark.parametrize(
    ("accept", "begins"),
    [("text/csv", b"\xef\xbb\xbf"), ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK")],
)
async def test_a_call_that_accepts_a_file_gets_it_whole_with_small_figures_left_out(
    manager: Caller, accept: str, begins: bytes
) -> None:
    path = f"{PATH}/valid-permits?on=2024-06-01&by=category"
    answer = await manager.get(path, accept=accept)
    assert (answer.status, answer.headers["content-type"].partition(";")[0]) == (200, accept)
    assert answer.raw.startswith(begins)
    assert int(answer.headers["content-length"]) == len(answer.raw)
    if accept == "text/csv":
        assert answer.raw.decode("utf-8-sig").splitlines()[-1].endswith(",11,11")
        assert ",*,*" in answer.raw.decode()


@pytest.mark.parametrize(
    ("asked", "lines"),
    [
        (
            "valid-permits/bridge?from=2023-12-31&to=2024-06-30",
            ["from,起始日有效,0", "granted,新发,*", "corrected,事后补录,*", "to,统计日有效,11"],
        ),
        (
            "flows?from=2024-01-01&to=2024-12-31&per=year",
            ["2024-01-01,2024-12-31,granted,新发,*", "2024-01-01,2024-12-31,cancelled,注销,*"],
        ),
    ],
)
async def test_a_file_of_changes_leaves_out_what_is_small_and_what_would_tell_it(
    manager: Caller, asked: str, lines: list[str]
) -> None:
    about, table = (await manager.get(f"{PATH}/{asked}", accept="text/csv")).raw.decode("utf-8-sig").split("\r\n\r\n")
    assert table.splitlines()[1:] == lines
    assert "略去" in about


async def test_every_wrong_parameter_is_named_at_once(manager: Caller) -> None:
    answer = await manager.get(f"{PATH}/valid-permits?on=x&as_known_on=y&region=z&by=shoe_size")
    assert (answer.status, set(_pointers(answer))) == (400, {"/on", "/as_known_on", "/region", "/by"})
    answer = await manager.get(f"{PATH}/valid-permits?on=2010-01-01&by=shoe_size")
    assert (answer.status, set(_pointers(answer))) == (400, {"/on", "/by"})


@pytest.mark.parametrize(
    ("asked", "pointers"),
    [
        ("valid-permits?on=2024-06-01&as_know_on=2024-06-30", ["/as_know_on"]),
        ("valid-permits?on=2024-06-01&on=2024-06-02", ["/on"]),
        ("valid-permits?colour=red&by=shoe_size&on=x", ["/colour", "/on", "/by"]),
        ("valid-permits/bridge", ["/from", "/to"]),
        ("valid-permits/bridge/list?from=x", ["/to", "/kind", "/from"]),
        ("flows/list", ["/from", "/to", "/kind"]),
    ],
)
async def test_parameters_that_are_unknown_repeated_or_missing_are_told_with_the_rest(
    manager: Caller, asked: str, pointers: list[str]
) -> None:
    answer = await manager.get(f"{PATH}/{asked}")
    assert (answer.status, sorted(_pointers(answer))) == (400, sorted(pointers))


async def test_a_list_is_narrowed_by_several_dimensions_in_either_form(manager: Caller) -> None:
    for asked in ("where=category:A&where=sex:F", "category=A&sex=F"):
        assert (await manager.get(f"{PATH}/valid-permits/list?on=2024-06-01&{asked}")).status == 200


@pytest.mark.parametrize(
    ("accept", "file"),
    [("TEXT/CSV", True), ("application/json, text/csv;q=0.5", True), ("text/csv;q=0", False), ("*/*", False)],
)
async def test_a_kind_of_file_is_accepted_as_http_says(manager: Caller, accept: str, file: bool) -> None:
    answer = await manager.get(f"{PATH}/valid-permits?on=2024-06-01", accept=accept)
    assert answer.headers["content-type"].startswith("text/csv") == file


async def test_a_day_out_of_all_reason_is_refused_by_every_figure(manager: Caller) -> None:
    for name in ("valid-permits", "valid-permits/list", "expiring", "deadlines", "agencies", "commitments"):
        assert _pointers(await manager.get(f"{PATH}/{name}?on=9999-12-31")) == ["/on"]


@pytest.mark.parametrize(
    ("asked", "lines"),
    [
        ("valid-permits/list?on=2024-06-01", 11),
        ("valid-permits/list?on=2024-06-01&category=A", 3),
        ("valid-permits/bridge?from=2023-12-31&to=2024-06-30", 4),
        ("flows?from=2024-01-01&to=2024-12-31&per=year", 2),
        ("flows?to=2024-12-31&per=year", 2),
        ("expiring?on=2024-12-01&days=30", 11),
        ("deadlines?on=2024-12-01", 0),
        ("agencies?on=2024-12-01", 0),
        ("commitments?on=2024-12-01", 2),
    ],
)
async def test_every_figure_comes_as_a_file_where_that_is_accepted(manager: Caller, asked: str, lines: int) -> None:
    answer = await manager.get(f"{PATH}/{asked}", Accept="text/csv")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    _, table = answer.raw.decode("utf-8-sig").split("\r\n\r\n")
    assert len(table.splitlines()) - 1 == lines or (lines, table) == (0, "\r\n")
    assert (await manager.get(f"{PATH}/{asked}", Accept="application/vnd.openxmlformats")).status == 200


async def test_a_file_of_a_bridge_says_both_days_what_it_is_and_what_its_codes_mean(manager: Caller) -> None:
    asked = f"{PATH}/valid-permits/bridge?from=2023-12-31&to=2024-06-30"
    told = (await manager.get(asked, Accept="text/csv")).raw.decode("utf-8-sig")
    assert "起始日,2023-12-31" in told
    assert "两日之差" in told
    assert "granted,新发," in told
    english = await manager.call("GET", asked, lang="en", Accept="text/csv")
    assert "From,2023-12-31" in english.raw.decode("utf-8-sig")


async def test_the_figures_of_the_year_name_their_day(manager: Caller) -> None:
    for name, keys in (("deadlines", []), ("agencies", []), ("commitments", ["committed", "false"])):
        body = (await manager.get(f"{PATH}/{name}?on=2024-12-01")).body
        assert (body["on"], [item["share"] for item in body["items"]]) == ("2024-12-01", keys)
