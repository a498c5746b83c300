"""What anybody may ask over JSON."""

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


async def test_working_days_skip_the_spring_festival(service: Serving) -> None:
    answer = await service.nobody().get("/api/v1/working-days?from=2026-02-13&days=2")
    assert answer.body["due"] == "2026-02-24"
    assert answer.body["provisional"] is False
    assert (await service.nobody().get("/api/v1/working-days?from=x&days=2")).status == 400


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


async def test_the_description_is_openapi_3_1_and_its_page_loads_nothing_from_afar(service: Serving) -> None:
    document = (await service.nobody().get("/api/v1/openapi.json")).body
    assert document["openapi"].startswith("3.1")
    assert "/api/v1/cases/{number}/decide" in document["paths"]
    page = await service.nobody().get("/api/v1/docs")
    assert page.status == 200
    assert b"https://" not in page.raw
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


async def test_unknown_addresses_are_problems(service: Serving) -> None:
    answer = await service.nobody().get("/api/v1/nowhere")
    assert (answer.status, answer.body["type"]) == (404, "urn:one-window:problem:not-found")
