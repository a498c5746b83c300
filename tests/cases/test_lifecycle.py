"""The lifecycle walked at random: whatever people try, the table alone decides, and the case stays whole."""

import datetime as dt
import uuid
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from permits import clock
from permits.accounts.model import Account
from permits.cases import actions, lifecycle, submission
from permits.cases.application import Application
from permits.cases.deciding import closed_if_settled
from permits.cases.doing import Doing, with_component
from permits.cases.guards import Asking
from permits.cases.lifecycle import ACTIONS, TABLE
from permits.cases.model import ENDED, SETTLED, Case, Component, Document, Row
from permits.cases.view import view
from permits.decoding import convert
from permits.errors import BadInput, Conflict, Forbidden
from permits.rules import law
from tests.cases.samples import REGION, application, person

LAW = law.load()
PEOPLE = {
    "clerk": person("clerk"),
    "second clerk": person("clerk"),
    "reviewer": person("reviewer"),
    "second reviewer": person("reviewer"),
    "reviewer and decider": person("reviewer", "decider"),
    "decider": person("decider"),
    "legal": person("legal"),
    "manager": person("manager"),
    "employer": person("employer"),
}
BODIES: dict[str, dict[str, Any]] = {
    "not-accept": {"ground": "not-competent", "reasons": "不属于本机关职权"},
    "terminate": {"ground": "no-object", "reasons": "申请人死亡"},
    "request-correction": {"items": [{"document": "contract", "text": "缺印章"}]},
    "extend-limit": {"working_days": 5, "reasons": "案情复杂"},
    "suspend": {"procedure": "hearing", "expected_working_days": 10, "reasons": "听证"},
    "clear": {"opinion": "同意", "cleared": True},
    "return": {"reasons": "再核实"},
    "hand-out": {"to": "样例", "how": "window"},
    "reopen": {"reasons": "复议改变"},
}


def a_draft(party: Account) -> Case:
    """A complete draft, every document supplied."""
    asked = convert(application(), Application)
    empty: dict[str, Any] = {"employer": {}, "beneficiary": {}, "employment": {}, "personal": b""}
    row = Row(REGION, uuid.uuid4(), "3212-26-000001-0", 1, asked.procedure, asked.joint, "draft", party.id,
              created_at=clock.now(), **empty)  # fmt: skip
    case = Case(row=row, application=asked)
    wanted = [d.kind for d in view(case, party, LAW, clock.now(), "zh").documents if d.status == "wanted"]
    return Case(row=row, application=asked, documents=tuple(Document(kind, "uploaded") for kind in wanted))


class Lifecycle(RuleBasedStateMachine):
    """People press whatever button they like, in any order."""

    @initialize()
    def begin(self) -> None:
        self.at = clock.now()
        self.case = submission.submitted(a_draft(PEOPLE["employer"]), LAW, self.at)
        self.recommended_by: uuid.UUID | None = None

    @rule(
        who=st.sampled_from(sorted(PEOPLE)),
        action=st.sampled_from([a for a in ACTIONS if a != "submit"]),
        outcome=st.sampled_from(["grant", "refuse"]),
        hours=st.integers(0, 60),
    )
    def try_it(self, who: str, action: str, outcome: str, hours: int) -> None:
        """Allowed exactly where the table offers it; refused with what is possible otherwise."""
        self.at += dt.timedelta(hours=hours)
        account = PEOPLE[who]
        body = BODIES.get(action, {})
        if action in ("recommend", "decide"):
            body = {"outcome": outcome, "reasons": "意见"}
        asking = Asking(account, self.at, body.get("outcome"))
        offered = action in lifecycle.possible(self.case, asking)
        if not offered:
            self._refused(action, asking)
            return
        row = lifecycle.allow(action, self.case, asking)
        self._do(action, body, Doing(asking, LAW, row), account)

    def _refused(self, action: str, asking: Asking) -> None:
        with pytest.raises((Conflict, Forbidden)) as refused:
            lifecycle.allow(action, self.case, asking)
        if isinstance(refused.value, Conflict):
            assert refused.value.extra["actions"] == list(lifecycle.possible(self.case, asking))

    def _do(self, action: str, body: dict[str, Any], doing: Doing, account: Account) -> None:
        kind, act = actions.ACTIONS[action]
        try:
            done = act(self.case, doing, convert(body, kind))
        except BadInput:
            return
        if action == "recommend":
            self.recommended_by = account.id
        if action == "decide":
            assert account.id != self.recommended_by
            assert done.case.row.decision is not None
            if done.case.row.decision.outcome == "refuse":
                assert self.case.row.clearance is not None
        if done.event == "granted":
            done = done._replace(case=with_component(done.case, Component("work_permit", "granted")))
        self.case = done.case

    @rule(status=st.sampled_from(["received", "granted", "refused"]))
    def police_answer(self, status: str) -> None:
        """The police report on their part."""
        if self.case.status("residence_permit") not in SETTLED:
            self.case = with_component(self.case, Component("residence_permit", status))

    @rule()
    def bureau_registers(self) -> None:
        """The bureau gives its number."""
        window = self.case.component("window")
        assert window is not None
        registered = Component("window", window.status, {"unified_number": "321200"})
        self.case = closed_if_settled(with_component(self.case, registered), self.at)

    @invariant()
    def whole(self) -> None:
        """Clocks run only where something is awaited; an ended case waits on nobody; every state has a name."""
        if not hasattr(self, "case"):
            return
        case = self.case
        assert case.row.state in lifecycle.STATE_NAMES
        running = [c for c in case.clocks if c.state == "running"]
        if case.row.state in ENDED:
            assert not running
            assert lifecycle.waiting_on(case) == "nobody"
        if case.row.state == "special-procedure":
            assert not [c for c in running if c.step == "decision"]
        assert case.row.due == min((c.due for c in running if c.basis == "promised"), default=None)
        assert lifecycle.waiting_on(case) in ("applicant", "office", "police", "approval-bureau", "nobody")


Lifecycle.TestCase.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
TestLifecycle = Lifecycle.TestCase


def test_no_two_rows_of_the_table_answer_the_same_question() -> None:
    seen = [(row.action, role, state) for row in TABLE for role in row.roles for state in row.states]
    assert len(seen) == len(set(seen))


def test_every_action_of_the_table_can_be_taken_and_nothing_else() -> None:
    assert set(actions.ACTIONS) | {"submit"} == set(ACTIONS)


@pytest.mark.parametrize("state", [s for s in lifecycle.STATE_NAMES if s not in ENDED])
def test_every_state_that_has_not_ended_leads_on(state: str) -> None:
    assert [row for row in TABLE if state in row.states]
