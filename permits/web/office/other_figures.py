"""What files of figures other than counts say of themselves: definition, headings, and the words for their codes."""

from collections.abc import Mapping

from permits.i18n import Text
from permits.statistics.model import DEFINITION
from permits.web.office.words import AMENDED, KINDS

DEFINITIONS: Mapping[str, Text] = {
    "bridge": Text(
        f"两日之差：起始日的有效许可，加新发，减到期、注销、撤销、撤回，再加减事后补录，等于统计日的有效许可。{DEFINITION.zh}",
        "The difference of two days: valid permits on the first, and granted, less expired, cancelled, revoked and "
        f"withdrawn, and what was recorded late, make those of the second. {DEFINITION.en}",
    ),
    "flows": Text(
        "各月或各年新发、到期、注销、撤销、撤回的许可件数；使总数减少的为负。",
        "Permits granted, expired, cancelled, revoked and withdrawn each month or year; what makes the total less is "
        "negative.",
    ),
    "expiring": Text(
        f"统计日有效、在期限内到期的许可。{DEFINITION.zh}",
        f"Permits valid on the day that run out within the days named. {DEFINITION.en}",
    ),
    "deadlines": Text(
        "截至统计日一年内各环节用时（工作日），对照法定和承诺期限：半数在几日内、九成在几日内；净用时不含暂停。",
        "How long each step took over the year up to the day, in working days, against the legal and the promised "
        "limit: half within so many, nine in ten within so many; net leaves pauses out.",
    ),
    "agencies": Text(
        "截至统计日一年内办结的案件，时间用在谁那里（工作日）：半数在几日内、九成在几日内。",
        "Whose time the cases decided in the year up to the day took, in working days: half within, nine in ten in.",
    ),
    "commitments": Text(
        "截至统计日一年内使用告知承诺的案件数；核查过的承诺中不实的件数。",
        "Cases of the year up to the day that used a commitment; of the commitments verified, those found false.",
    ),
}
COLUMNS = {
    "number": Text("许可编号（人员标识）", "Permit number (person's key)"),
    "name": Text("持证人（遮名）", "Holder, masked"),
    "category": Text("类别", "Category"),
    "nationality": Text("国籍", "Nationality"),
    "district": Text("区县", "District"),
    "employer_code": Text("统一社会信用代码", "Credit code"),
    "employer_name": Text("用人单位", "Employer"),
    "valid_from": Text("有效期自", "Valid from"),
    "valid_until": Text("有效期至", "Valid until"),
    "ended_on": Text("终止日", "Ended on"),
    "end_kind": Text("终止方式", "How it ended"),
    "case_number": Text("案号", "Case"),
}
"""What a file says of a permit."""
TITLES: Mapping[str, Text] = {
    "kind": Text("变化", "Kind"),
    "count": Text("件数", "Count"),
    "first": Text("起", "First"),
    "last": Text("止", "Last"),
    "step": Text("环节", "Step"),
    "basis": Text("期限依据", "Basis"),
    "met": Text("按期", "Met"),
    "limit": Text("期限", "Limit"),
    "half": Text("半数在内", "Half within"),
    "most": Text("九成在内", "Nine in ten within"),
    "half_gross": Text("半数在内（含暂停）", "Half within, gross"),
    "most_gross": Text("九成在内（含暂停）", "Nine in ten within, gross"),
    "party": Text("时间在谁", "Party"),
    "share": Text("项目", "Share"),
    "whole": Text("全部", "Whole"),
    "part": Text("其中", "Part"),
    **COLUMNS,
}
SINCE = Text("起始日", "From")
WITHIN = Text("几日内到期", "Within days")
_NAMED = {
    "kind": {
        **KINDS,
        **AMENDED,
        "from": Text("起始日有效", "Valid on the first day"),
        "to": Text("统计日有效", "Valid on the second day"),
    },
    "party": {
        "whole": Text("全程", "All of it"),
        "office": Text("本局", "The office"),
        "applicant": Text("申请人", "The applicant"),
        "special": Text("特别程序", "Special procedures"),
        "police": Text("公安", "The police"),
    },
    "share": {
        "committed": Text("使用告知承诺的案件", "Cases with a commitment"),
        "false": Text("核查不实的承诺", "Commitments found false"),
    },
}


def said(heading: str, code: object) -> Text | None:
    """What a code under a heading is called; None where there are no words for that heading."""
    known = _NAMED.get(heading)
    return None if known is None else known.get(str(code), Text(str(code), str(code)))


def named(heading: str) -> bool:
    """Whether codes under this heading have words."""
    return heading in _NAMED
