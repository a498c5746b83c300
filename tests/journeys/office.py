"""What people of the office do with a case at the pages, step by step, in either language."""

from playwright.sync_api import Locator

from tests.journeys.visitors import Visitor


def find(staff: Visitor, number: str, area: str = "window") -> None:
    """Open a case by its number, in the field that the key / leads to."""
    staff.go(f"/{area}/")
    staff.page.keyboard.press("/")
    staff.page.keyboard.type(number)
    with staff.page.expect_navigation():
        staff.page.keyboard.press("Enter")
    if area != "window":
        staff.go(f"/{area}/{number}")


def action(staff: Visitor, number: str, name: str) -> Locator:
    """The button in the bar of a case that takes an action at once."""
    return staff.page.locator(f'.ow-case form[action$="/{number}/{name}"] button')


def claim(staff: Visitor, number: str) -> None:
    """Take the case in hand."""
    staff.follow(action(staff, number, "claim"))
    staff.reads({"zh": "已认领。", "en": "Claimed."}[staff.lang])


def accept(clerk: Visitor) -> None:
    """Look at every document on the list, tick it, and accept."""
    for box in clerk.page.locator('input[name="checked"]').all():
        clerk.hands.tick(box)
    clerk.follow(clerk.at("accept"))
    clerk.reads({"zh": "已受理。", "en": "Accepted."}[clerk.lang])


def recommend(reviewer: Visitor, outcome: str, reasons: str) -> None:
    """Recommend, with reasons of one's own."""
    form = reviewer.page.locator("#rec")
    reviewer.hands.tick(form.locator(f'[name="outcome"][value="{outcome}"]'))
    reviewer.hands.write(form.locator('[name="reasons"]'), reasons)
    reviewer.follow(form.get_by_role("button", name=reviewer.say("交决定人")))
    reviewer.reads({"zh": "建议已提交，由另一人决定。", "en": "Recommended; another person decides."}[reviewer.lang])


def clear(legal: Visitor, opinion: str) -> None:
    """Agree to a refusal."""
    form = legal.page.locator("#clear")
    legal.hands.tick(form.locator('[name="cleared"][value="yes"]'))
    legal.hands.write(legal.at("opinion"), opinion)
    legal.press("记下审核意见")
    legal.reads({"zh": "法制审核意见已记下。", "en": "The legal opinion is recorded."}[legal.lang])


def decide(decider: Visitor, outcome: str) -> None:
    """Look at the letter and sign."""
    decider.hands.tick(decider.at("seen"))
    decider.press("签发准予决定" if outcome == "grant" else "签发不予决定")
    decider.reads({"zh": "决定已签发，决定书随即出具。", "en": "Signed; the letter follows at once."}[decider.lang])


def decide_all_the_same(staff: Visitor, number: str) -> int:
    """Send the form of a decision from a page that does not offer it; the status of the answer."""
    with staff.page.expect_navigation() as answer:
        staff.page.evaluate(
            """path => {
                const form = document.createElement("form");
                form.method = "post";
                form.action = path;
                const fields = {csrf: document.querySelector("[name=csrf]").value, outcome: "grant", seen: "true"};
                for (const [name, value] of Object.entries(fields)) {
                    const field = document.createElement("input");
                    [field.type, field.name, field.value] = ["hidden", name, value];
                    form.append(field);
                }
                document.body.append(form);
                form.submit();
            }""",
            f"/review/{number}/decide",
        )
    response = answer.value
    assert response is not None
    return response.status


def hand_out(clerk: Visitor) -> None:
    """Hand out to the agent who came."""
    clerk.hands.tick(clerk.page.locator('[name="who"]').first)
    clerk.press("发证")
    clerk.reads({"zh": "已发证。", "en": "Handed out."}[clerk.lang])


def headline(manager: Visitor) -> int:
    """How many valid permits the board of figures counts today."""
    manager.go("/office/")
    return int(manager.page.locator(".ow-headline b").inner_text().replace(",", ""))
