"""What anybody may ask over JSON."""

import pytest

from tests.serving import Serving


async def test_the_published_example_has_74_points_and_category_b(service: Serving) -> None:
    profile = {
        "annual_salary_cny": 300000,
        "education": "bachelor",
        "experience_years": 17,
        "months_per_year": 12,
        "chinese": "none",
        "place": "ordinary",
        "age": 42,
        "other": [],
        "local_bonus": 0,
        "grounds": [],
    }
    body = {"on": "2024-12-03", "region": "321200", "edition": "provisional-2017", "profile": profile}
    answer = await service.nobody().post("/api/v1/classification", body)
    assert (answer.body["points"], answer.body["category"]) == (74, "B")
    assert answer.body["items"]["experience"] == 20


async def test_a_classification_explains_itself_and_says_what_would_lift(service: Serving) -> None:
    profile = {"annual_salary_cny": 300000, "education": "bachelor", "experience_years": 17, "months_per_year": 12,
               "age": 42}  # fmt: skip
    body = {"on": "2024-12-03", "profile": profile}
    answer = await service.nobody().post("/api/v1/classification", body, Accept_Language="en")
    lines = {line["item"]: line for line in answer.body["lines"]}
    assert {item: line["points"] for item, line in lines.items()} == answer.body["items"]
    assert all(line["band"] and line["source"] for line in lines.values())
    gains = {(gain["item"], gain["points"]) for gain in answer.body["gains"]}
    assert {("education", 10), ("salary", 6), ("chinese", 5)} <= gains
    assert {gain["category"] for gain in answer.body["gains"]} == {"A"}


@pytest.mark.parametrize(("field", "value"), [
    ("annual_salary_cny", -1), ("annual_salary_cny", 10**12), ("annual_salary_cny", "much"), ("education", "primary"),
    ("experience_years", 200), ("months_per_year", 13), ("chinese", "fluent"), ("place", "moon"), ("age", -4),
    ("age", 400), ("local_bonus", 11), ("other", ["luck"]), ("grounds", ["nobel"]),
])  # fmt: skip
async def test_what_no_person_can_be_is_refused_at_its_field(service: Serving, field: str, value: object) -> None:
    profile = {"annual_salary_cny": 300000, "education": "bachelor", "experience_years": 17, "months_per_year": 12,
               "age": 42} | {field: value}  # fmt: skip
    for lang in ("zh-CN", "en"):
        answer = await service.nobody().post("/api/v1/classification", {"profile": profile}, Accept_Language=lang)
        assert answer.status == 400
        (error,) = answer.body["errors"]
        assert error["pointer"].startswith(f"/profile/{field}")
        assert error["detail"]


@pytest.mark.parametrize("field", ["annual_salary_cny", "education", "experience_years", "months_per_year", "age"])
async def test_a_profile_without_what_the_table_needs_is_refused(service: Serving, field: str) -> None:
    profile = {"annual_salary_cny": 300000, "education": "bachelor", "experience_years": 17, "months_per_year": 12,
               "age": 42}  # fmt: skip
    del profile[field]
    answer = await service.nobody().post("/api/v1/classification", {"profile": profile})
    assert answer.status == 400
    assert [error["pointer"] for error in answer.body["errors"]] == [f"/profile/{field}"]


@pytest.mark.parametrize(("more", "pointer"), [
    ({"on": "1901-01-01"}, "/on"), ({"on": "2024-02-30"}, "/on"), ({"edition": "third"}, "/edition"),
    ({"region": "32"}, "/region"), ({"region": "abcdef"}, "/region"), ({"on": "9999-12-31"}, "/on"),
])  # fmt: skip
async def test_a_day_edition_or_region_that_cannot_be_is_refused(
    service: Serving, more: dict[str, str], pointer: str
) -> None:
    profile = {"annual_salary_cny": 300000, "education": "bachelor", "experience_years": 17, "months_per_year": 12,
               "age": 42}  # fmt: skip
    answer = await service.nobody().post("/api/v1/classification", {"profile": profile, **more})
    assert answer.status == 400
    assert [error["pointer"] for error in answer.body["errors"]] == [pointer]


async def test_working_days_skip_the_spring_festival(service: Serving) -> None:
    answer = await service.nobody().get("/api/v1/working-days?from=2026-02-13&days=2")
    assert answer.body["due"] == "2026-02-24"
    assert answer.body["provisional"] is False


async def test_every_wrong_parameter_of_an_address_is_named(service: Serving) -> None:
    for query, wrong in (("from=x&days=y", ["/from", "/days"]), ("from=2026-02-13", ["/days"]),
                         ("from=9999-12-30&days=9", ["/from"]), ("from=0001-01-01&days=1", ["/from"])):  # fmt: skip
        answer = await service.nobody().get(f"/api/v1/working-days?{query}")
        assert (answer.status, [error["pointer"] for error in answer.body["errors"]]) == (400, wrong)


async def test_a_wrong_check_digit_is_named(service: Serving) -> None:
    lines = ["V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "D241458907UTO7408122F1204159<<<<<<<<<<<<<<<<"]
    answer = await service.nobody().post("/api/v1/identifiers", {"kind": "mrz", "value": lines})
    assert answer.body["valid"] is False
    assert answer.body["problems"][0]["field"] == "document_number"


async def test_the_service_items_are_seven_and_each_has_limits(service: Serving) -> None:
    items = (await service.nobody().get("/api/v1/procedures")).body["items"]
    assert len(items) == 7
    item = (await service.nobody().get("/api/v1/procedures/issue-in-china", Accept_Language="en")).body
    assert {limit["basis"] for limit in item["limits"]} == {"legal", "promised"}
    assert item["notice"]["sections"]
    assert item["commitments"]


async def test_an_item_tells_its_windows_conditions_code_and_joint_procedures(service: Serving) -> None:
    item = (await service.nobody().get("/api/v1/procedures/issue-in-china?on=2026-11-24", Accept_Language="en")).body
    assert item["item_code"].endswith("3000106107005")
    assert [window["counted_from"] for window in item["windows"]] == ["stay_expiry"]
    assert {
        "key": "social-insurance",
        "title": "Social insurance registration",
        "office": "Human resources and social security",
        "within_days": 30,
    } in item["joint_procedures"][1]["parts"]
    assert all(one["text"] and one["source"] for one in item["conditions"])
    assert {"category": "A", "joint": True, "step": "pre-review", "basis": "promised",
            "working_days": 1} in item["limits_by_category"]  # fmt: skip


async def test_an_item_tells_its_documents_by_circumstance_and_what_may_be_committed_to(service: Serving) -> None:
    item = (await service.nobody().get("/api/v1/procedures/issue-abroad?on=2026-11-24", Accept_Language="en")).body
    line = next(one for one in item["committable"] if one["document"] == "health-certificate")
    assert (line["categories"], line["due_days"], line["due_from"]) == ([], 30, "entry")
    cancel = (await service.nobody().get("/api/v1/procedures/cancel?on=2026-11-24")).body
    proof = next(one for one in cancel["documents"] if one["kind"] == "death-proof")
    assert (proof["circumstances"], proof["supplied_by"]) == (["death"], "applicant")
    assert (cancel["notice"], cancel["commitments"]) == (None, [])


@pytest.mark.parametrize("region", ["321200", "110000", "310000", "440700", "320571"])
async def test_every_item_is_told_in_every_region_of_every_year(service: Serving, region: str) -> None:
    for year in (2017, 2018, 2023, 2024, 2026):
        asked = f"region={region}&on={year}-12-01"
        items = (await service.nobody().get(f"/api/v1/procedures?{asked}")).body["items"]
        assert len(items) == 7
        for one in items:
            assert (await service.nobody().get(f"/api/v1/procedures/{one['code']}?{asked}")).status == 200


async def test_the_description_is_openapi_3_1_and_its_page_loads_nothing_from_afar(service: Serving) -> None:
    document = (await service.nobody().get("/api/v1/openapi.json")).body
    assert document["openapi"].startswith("3.1")
    assert "/api/v1/cases/{number}/decide" in document["paths"]
    page = await service.nobody().get("/api/v1/docs")
    assert page.status == 200
    assert b"https://" not in page.raw
    assert b"https://" not in (await service.nobody().get("/api/v1/description")).raw
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


async def test_the_description_says_what_every_call_wants_and_may_answer(service: Serving) -> None:
    document = (await service.nobody().get("/api/v1/openapi.json")).body
    operations = {(p, m): said for p, of in document["paths"].items() if p[:5] == "/api/" for m, said in of.items()}
    for (path, method), said in operations.items():
        assert said["responses"]["default"]["content"].keys() == {"application/problem+json"}, path
        assert {"string"} != {one.get("schema", {}).get("type") for one in said["responses"].values()}, path
        headers = {one["name"] for one in said.get("parameters", ()) if one["in"] == "header"}
        assert headers == {"post": {"Idempotency-Key"}, "patch": {"If-Match"}}.get(method, set())
    tokenless = {path for (path, _), said in operations.items() if "security" not in said}
    assert {path.split("/")[3] for path in tokenless} == {
        "agencies", "classification", "identifiers", "procedures", "verify", "working-days",
    }  # fmt: skip
    assert (
        "application/merge-patch+json" in operations["/api/v1/applications/{number}", "patch"]["requestBody"]["content"]
    )


async def test_unknown_addresses_are_problems(service: Serving) -> None:
    answer = await service.nobody().get("/api/v1/nowhere")
    assert (answer.status, answer.body["type"]) == (404, "urn:one-window:problem:not-found")
