"""The form in sections: which fields stand on which page, in which order, with their hints. It judges no value."""

import functools

import msgspec

from permits.cases.filing import typed_by
from permits.i18n import Text
from permits.web.portal.fields import Field, Section

EMPLOYER, FOREIGNER, WORK = Text("用人单位", "The employer"), Text("外国人", "The foreigner"), Text("工作", "The work")

NONE_PRINTED = Text("护照上没有的空着", "Leave it empty if there is none")

HELD = Text("现有许可", "The permit held")
PERMIT = Section(
    "permit",
    HELD,
    Text("哪一份许可", "Which permit"),
    Text("为哪一份许可办？", "Which permit is it about?"),
    Text(
        "登记簿上已有的不用再填：单位、岗位、姓名和出生日期都从那里读出。",
        "What the register knows is not asked: employer, position, names and date of birth are read from there.",
    ),
    (
        Field(
            "permit.number",
            hint=Text("一人一号，见许可", "As on the permit"),
            code=True,
            maxlength=40,
        ),
        Field(
            "permit.former_passport_number",
            hint=Text("换了护照的才填：发许可时用的护照", "Only with a new passport: the one before"),
            code=True,
            maxlength=20,
        ),
        Field("employment.circumstance", "radios"),
        Field("permit.event_date", "date", hint=Text("哪天变的，或者聘用哪天终止的", "The day it changed or ended")),
    ),
)
SECTIONS: tuple[Section, ...] = (
    Section(
        "employer",
        EMPLOYER,
        Text("单位信息", "About the employer"),
        Text("用人单位是哪一家？", "Who is the employer?"),
        Text("有了统一社会信用代码，不用交营业执照。", "With this code nobody needs the business licence."),
        (
            Field(
                "employer.credit_code",
                hint=Text("营业执照右上角，18 位", "Upper right of the business licence, 18 characters"),
                width="ow-w24",
                code=True,
                live="/apply/check/credit-code",
                maxlength=40,
            ),
            Field("employer.name", hint=Text("照营业执照写全称", "In full, as on the licence"), width="ow-wide"),
            Field("employer.industry", "select", width="ow-wide"),
            Field("employer.district", "select"),
        ),
        "portal/employer.html",
    ),
    Section(
        "contact",
        EMPLOYER,
        Text("经办人和联系方式", "The agent and how to reach them"),
        Text("谁来办，怎样找到？", "Who deals with it, and how are they reached?"),
        Text("补正和结果都会找这一位。", "Corrections and the result go to this person."),
        (
            Field("employer.contact_name", autocomplete="name", maxlength=100),
            Field("employer.contact_phone", inputmode="tel", autocomplete="tel", maxlength=20),
            Field("employer.contact_email", inputmode="email", autocomplete="email", width="ow-w24"),
        ),
    ),
    Section(
        "passport",
        FOREIGNER,
        Text("护照", "Passport"),
        Text("抄下护照底部的两行字", "Copy the two lines at the foot of the passport"),
        Text(
            "国籍、出生日期、性别、护照号和有效期都从这两行读出，不用再填。",
            "Nationality, date of birth, sex, number and expiry are read from these two lines.",
        ),
        (
            Field("beneficiary.mrz", "lines"),
            Field(
                "beneficiary.chinese_name",
                hint=Text(
                    "选填。名在前、姓在后，中间用“·”；韩、日、越等有汉字姓名的照写",
                    "Optional. Given name, a dot ·, surname; a name in Han characters as it is written",
                ),
                maxlength=100,
            ),
            Field("beneficiary.surname", hint=NONE_PRINTED, maxlength=100),
            Field("beneficiary.given_names", hint=NONE_PRINTED, maxlength=100),
            Field("beneficiary.sex", "radios"),
            Field("beneficiary.birth_date", "date"),
            Field("beneficiary.nationality", "select", width="ow-wide"),
            Field("beneficiary.passport_number", code=True, maxlength=20),
            Field("beneficiary.passport_expiry", "date"),
        ),
        "portal/passport.html",
    ),
    Section(
        "education",
        FOREIGNER,
        Text("学历和工作经历", "Education and experience"),
        Text("学历和工作经历", "Education and experience"),
        Text("只写拿得出证明的。", "Only what can be proved."),
        (
            Field("beneficiary.education", "radios"),
            Field(
                "employment.experience_years",
                "number",
                hint=Text("和这个岗位有关的，只算整年", "Relevant to this position, whole years only"),
                width="ow-w6",
                suffix=Text("年", "years"),
                maxlength=3,
            ),
            Field(
                "beneficiary.chinese",
                "select",
                hint=Text("有证明的才加分；没有不影响申请", "Points only with proof; having none is no obstacle"),
                width="ow-w24",
            ),
        ),
    ),
    Section(
        "visa",
        FOREIGNER,
        Text("在华签证和入境", "Visa and entry"),
        Text("现在凭什么在中国？", "On what visa or permit is the person in China?"),
        Text(
            "在境内申请，要符合规定的情形。多数情形从这里看得出。",
            "Applying in China needs a listed circumstance; most are seen from here.",
        ),
        (
            Field("beneficiary.visa_type", "select", width="ow-w24"),
            Field("beneficiary.visa_expiry", "date"),
            Field("beneficiary.residence_permit_number", code=True, maxlength=20),
            Field("beneficiary.residence_permit_expiry", "date"),
            Field("beneficiary.entry_date", "date", hint=Text("最近一次入境", "The latest entry")),
            Field(
                "employment.circumstance",
                "select",
                hint=Text(
                    "看得出的不用选：换单位、R 字签证、A 类、家属",
                    "Leave it where it shows by itself: change of employer, R visa, category A, family",
                ),
                width="ow-wide",
            ),
        ),
        "portal/visa.html",
    ),
    Section(
        "position",
        WORK,
        Text("岗位和合同", "Position and contract"),
        Text("做什么工作，多少薪酬？", "What is the work, and what does it pay?"),
        Text("和合同一致，审查时会对照。", "As in the contract; the reviewer compares."),
        (
            Field("employment.position", hint=Text("如：首席科学家", "Such as chief scientist"), width="ow-w24"),
            Field("employment.position_kind", "radios"),
            Field("employment.occupation", "select", width="ow-wide"),
            Field(
                "employment.annual_salary_cny",
                "number",
                hint=Text("一年的税前现金薪酬", "Cash pay for a year before tax"),
                suffix=Text("元", "CNY"),
                maxlength=15,
            ),
            Field("employment.months_per_year", "number", width="ow-w6", suffix=Text("个月", "months"), maxlength=2),
            Field("employment.place", "select", width="ow-w24"),
            Field("employment.contract_start", "date"),
            Field("employment.contract_end", "date"),
        ),
    ),
    Section(
        "category",
        WORK,
        Text("类别和积分", "Category and points"),
        Text("类别和积分", "Category and points"),
        Text(
            "由规则按您填的算出。拿得出证明的，还可以加上下面这些。",
            "Worked out by the rules. What can be proved may be added below.",
        ),
        (
            Field("employment.other", "checkboxes", hint=Text("合计最多加 5 分", "5 points at most for all of them")),
            Field("employment.grounds", "checkboxes"),
            Field(
                "employment.local_bonus",
                "number",
                hint=Text("省里认定的才填，0 到 10", "Only if the province has awarded it, 0 to 10"),
                width="ow-w6",
                suffix=Text("分", "points"),
                maxlength=2,
            ),
        ),
        "portal/category.html",
    ),
)
ALL = (PERMIT, *SECTIONS)
FIELDS = {field.name: field for section in ALL for field in section.fields}


def sections_of(procedure: str, circumstance: str | None = None) -> tuple[Section, ...]:
    """The pages of an item's form; of an item about a permit held only what the register does not know."""
    typed = typed_by(procedure, circumstance)
    return SECTIONS if typed is None else _short(typed)


@functools.cache
def _short(typed: tuple[str, ...]) -> tuple[Section, ...]:
    found, taken = [], set[str]()
    for section in ALL:
        fields = tuple(one for one in section.fields if one.name in typed and one.name not in taken)
        taken |= {one.name for one in fields}
        if fields == section.fields:
            found.append(section)
        elif fields:
            found.append(msgspec.structs.replace(section, fields=fields, template="portal/section.html"))
    return tuple(found)


def section_of(name: str, sections: tuple[Section, ...] = ALL) -> Section | None:
    """The page a field stands on."""
    return next((section for section in sections if name in section.names), None)
