"""What an applicant has in hand: a passport, papers on a disk, and the answers of a complete application of nobody."""

import datetime as dt
import uuid
from pathlib import Path
from typing import Any

import msgspec

from permits import clock
from permits.rules.mrz_layouts import check_digit
from tests.cases.samples import application
from tests.files.uploads import pdf, picture
from tests.journeys.demonstration import Caller, Demo

WIDTH = 44


class Passport(msgspec.Struct, frozen=True):
    """An invented German passport."""

    number: str
    """Nine characters."""
    surname: str = "SPECIMENOV"
    given: str = "DANUTA"
    sex: str = "F"

    @property
    def birth(self) -> dt.date:
        """35 years ago."""
        today = clock.today()
        return today.replace(year=today.year - 35, day=1)

    @property
    def expiry(self) -> dt.date:
        """In five years."""
        today = clock.today()
        return today.replace(year=today.year + 5, day=1)

    @property
    def lines(self) -> tuple[str, str]:
        """The machine-readable zone (ICAO 9303, TD3)."""
        first = f"P<D<<{self.surname}<<{self.given}".ljust(WIDTH, "<")
        number, birth, expiry = (
            value + check_digit(value) for value in (self.number, f"{self.birth:%y%m%d}", f"{self.expiry:%y%m%d}")
        )
        optional = "<" * 14 + "0"
        composite = check_digit(number + birth + expiry + optional)
        return first, f"{number}D<<{birth}{self.sex}{expiry}{optional}{composite}"

    @property
    def misread(self) -> str:
        """The second line with one digit of the date of birth read wrong: character 15."""
        line = self.lines[1]
        return line[:14] + str((int(line[14]) + 1) % 10) + line[15:]


def new_passport() -> Passport:
    """One that nobody has used before."""
    return Passport(f"C{uuid.uuid4().int % 10**8:08}")


def answers(seed: int) -> dict[str, Any]:
    """The answers of somebody who changes employer in category B, by part and field."""
    return application(seed)


def papers(folder: Path) -> dict[str, Path]:
    """A contract as PDF and a photograph as JPEG, on a disk."""
    found = {"pdf": folder / "合同 contract.pdf", "jpeg": folder / "photo.jpg"}
    found["pdf"].write_bytes(pdf(2))
    found["jpeg"].write_bytes(picture(size=(960, 1280)))
    return found


# A case that is there already, made over the JSON interface


def submitted(demo: Demo, seed: int) -> str:
    """The number of a new case with everything supplied."""
    employer = Caller(demo, "employer")
    number: str = employer.post("/api/v1/applications", answers(seed))["number"]
    path = f"/api/v1/applications/{number}"
    for document in employer.get(path)["documents"]:
        if document["status"] == "wanted":
            _supply(employer, path, document)
    employer.post(f"{path}/submit")
    return number


def _supply(employer: Caller, path: str, document: dict[str, Any]) -> None:
    if "commit" in document["ways"]:
        text = document["commitment"]
        yes = {question["key"]: True for question in text["questions"]}
        body = {"document": document["kind"], "text_version": text["text_version"], "answers": yes, "signed_by": "样例"}
        employer.post(f"{path}/commitments", body)
        return
    photo = "photo" in document["kind"]
    file = ("photo.jpg", picture(), "image/jpeg") if photo else ("paper.pdf", pdf(), "application/pdf")
    employer.post(f"{path}/documents", data={"kind": document["kind"]}, files={"file": file})


WAY: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    ("claimed", "clerk", "claim", {}),
    ("accepted", "clerk", "accept", {}),
    ("review", "reviewer", "claim", {}),
    ("recommended", "reviewer", "recommend", {"outcome": "grant", "reasons": "材料审查意见"}),
)
"""The straight way of a case after it was submitted: the state reached, who acts, the action and its body."""


def until_state(demo: Demo, seed: int, state: str) -> str:
    """The number of a new case on the straight way to a state: submitted, claimed, accepted, review or recommended."""
    number, reached = submitted(demo, seed), "submitted"
    for following, role, action, body in WAY:
        if reached == state:
            break
        Caller(demo, role).post(f"/api/v1/cases/{number}/{action}", body)
        reached = following
    assert reached == state
    return number
