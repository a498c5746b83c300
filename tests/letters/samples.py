"""One letter of every kind, about people and firms that do not exist."""

import datetime as dt
from typing import Any

import msgspec

from permits.i18n import Text
from permits.letters import kinds, model

OFFICE = model.Office(Text("泰州市示例决定机关", "Example Authority of Taizhou"), "泰科")
PERSON = model.Person(
    "MUSTER, Lena Sophie", "莱娜·穆斯特", Text("德国", "Germany"), "F", dt.date(1983, 5, 16), "C0DEM0047"
)
REMEDIES = model.Remedies(
    60,
    Text("泰州市人民政府", "the Taizhou People’s Government"),
    6,
    Text("有管辖权的人民法院", "the people’s court that has jurisdiction"),
)
LAW = "《中华人民共和国行政许可法》"
LICENCE = model.Licence(
    "1.2.156.3005.2.DEMO00000000000000001.DEMO00000000000000.321200488430701.002.N", "DEMO00000000000000001",
    "MUSTER Lena Sophie", "002",
)  # fmt: skip
CATEGORY = model.Category("A", Text("外国高端人才", "High-end talent"))
DEGREE, RECORD = Text("最高学历认证", "Highest degree"), Text("无犯罪记录证明", "No criminal record")


def person(**other: Any) -> model.Person:
    return msgspec.structs.replace(PERSON, **other)


def article(zh: str, en: str) -> Text:
    return Text(f"{LAW}{zh}", f"Administrative Licensing Law, {en}")


def common(kind: str, ordinal: int = 873, **other: Any) -> dict[str, Any]:
    number = "3212004884307" if kind == "permit" else kinds.document_number(OFFICE, kind, 2026, ordinal)
    return {
        "office": OFFICE, "number": number, "issued_on": dt.date(2026, 11, 25), "case_number": "3212-26-001873-K",
        "unified_number": "SL321200202611240087", "employer": "泰州示例生物医药有限公司",
        "employer_en": "Taizhou Demo Biomedical Co., Ltd.", "person": PERSON,
        "procedure": Text("境内申请外国人来华工作许可", "Work permit, applied for in China"),
        "joint": True, "demo": True,
        "articles": (article("第三十八条第一款", "Art. 38(1)"),), **other,
    }  # fmt: skip


def acceptance(**other: Any) -> model.Acceptance:
    return model.Acceptance(
        **common("acceptance", articles=(article("第三十二条第一款第五项", "Art. 32(1)(5)"),)) | other,
        received_on=dt.date(2026, 11, 24),
        documents=(Text("劳动合同", "Contract"), Text("护照资料页", "Passport data page"), Text("照片", "Photo")),
        committed=(DEGREE, RECORD),
        promised=model.Limit(dt.date(2026, 12, 4), 7),
        legal=model.Limit(dt.date(2026, 12, 23), 20),
        provisional=True,
    )


def not_acceptance(**other: Any) -> model.NotAcceptance:
    given = {"reasons": "申请人持短期签证入境，不属于可在境内申请的情形。", "remedies": REMEDIES}
    return model.NotAcceptance(**common("not-acceptance") | given | other, received_on=dt.date(2026, 11, 24))


def correction(**other: Any) -> model.Correction:
    given = {"articles": (article("第三十二条第一款第四项", "Art. 32(1)(4)"),)}
    office, police = Text("本机关", "the office"), Text("公安机关", "the police")
    items = (
        model.Item(Text("劳动合同", "Contract"), office, "第三条年薪与申请表不一致，请更正合同或者申请表。"),
        model.Item(Text("学历证书译文", "Translation of the degree"), office, "缺用人单位公章。"),
        model.Item(Text("住宿登记", "Accommodation record"), police, "地址已变更，请交新的登记。"),
    )
    return model.Correction(
        **common("correction") | given | {"items": items} | other, received_on=dt.date(2026, 11, 24)
    )


def grant(**other: Any) -> model.Grant:
    given = {
        "accepted_on": dt.date(2026, 11, 25), "permit_number": "3212004884307", "category": CATEGORY,
        "valid_from": dt.date(2027, 1, 1), "valid_until": dt.date(2029, 12, 31),
        "bound_by": Text("由劳动合同期限定", "bound by the contract"), "committed": (DEGREE, RECORD),
        "licence": LICENCE, "verify_by": dt.date(2027, 2, 26), "certificate": "DEMO-320012", "remedies": REMEDIES,
        "verification_url": "https://permits.example/verify/3212-4WXM-8Q1Z-33PT",
        "verification_code": "3212-4WXM-8Q1Z-33PT",
    }  # fmt: skip
    return model.Grant(**common("grant") | given | other)


def refusal(**other: Any) -> model.Refusal:
    given = {
        "accepted_on": dt.date(2026, 11, 25), "certificate": "DEMO-320012", "remedies": REMEDIES,
        "findings": "2026 年 12 月 1 日两名检查人员到登记的工作地点核查，该处没有合同写明的“采购主管”岗位。",
        "reasons": "申请写明的岗位与实际不符，不具备外国人来华工作许可的条件。",
        "articles": (article("第三十八条第二款", "Art. 38(2)"),),
    }  # fmt: skip
    return model.Refusal(**common("refusal") | given | other)


def termination(**other: Any) -> model.Termination:
    ground = Text("用人单位注销", "The employer no longer exists")
    given = {"ground": ground, "reasons": "用人单位已于 2026 年 11 月 30 日注销登记。", "remedies": REMEDIES}
    return model.Termination(**common("termination") | given | other, accepted_on=dt.date(2026, 11, 25))


def permit(**other: Any) -> model.Permit:
    given = {
        "licence": LICENCE, "category": CATEGORY, "position": "首席科学家", "position_en": "Chief scientist",
        "valid_from": dt.date(2027, 1, 1), "valid_until": dt.date(2029, 12, 31),
        "bound_by": Text("由合同期限定", "bound by the contract"),
        "verification_url": "https://permits.example/verify/3212-9TQ2-M4XD-70KP",
        "verification_code": "3212-9TQ2-M4XD-70KP",
    }  # fmt: skip
    return model.Permit(**common("permit") | given | other)


def _ended(kind: str, **other: Any) -> dict[str, Any]:
    given = {
        "accepted_on": dt.date(2026, 11, 25), "permit_number": "3212004884307", "ended_on": dt.date(2026, 11, 20),
        "ground": Text("聘用关系终止", "End of the employment"), "reasons": "劳动合同已经解除。",
        "certificate": "DEMO-320012", "remedies": REMEDIES,
        "articles": (article("第七十条", "Art. 70"),),
    }  # fmt: skip
    return common(kind) | given | other


def cancellation(**other: Any) -> model.Cancellation:
    return model.Cancellation(**_ended("cancellation", **other))


def direct_cancellation(**other: Any) -> model.DirectCancellation:
    given = {"accepted_on": None, "certificate": "", "case_number": "", "licence": LICENCE}
    return model.DirectCancellation(**_ended("direct-cancellation", **given | other))


def revocation(**other: Any) -> model.Revocation:
    return model.Revocation(**_ended("revocation", accepted_on=None, **other))


def withdrawal(**other: Any) -> model.Withdrawal:
    return model.Withdrawal(**_ended("withdrawal", accepted_on=None, **other))


ALL = (
    acceptance, not_acceptance, correction, grant, refusal, termination, permit, cancellation,
    direct_cancellation, revocation, withdrawal,
)  # fmt: skip
