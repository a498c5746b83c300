"""What an application's categories and fields are called, in letters and on pages alike. It judges no value."""

from permits.i18n import Text

CATEGORIES = {
    "A": Text("外国高端人才", "High-end talent"),
    "B": Text("外国专业人才", "Professional"),
    "C": Text("其他外国人员", "Other foreign personnel"),
}
"""The three categories of foreigners who work here."""

GRANTED = {
    "extend": Text("准予延期", "extension granted"),
    "change": Text("准予变更", "change granted"),
    "cancel": Text("准予注销", "cancellation granted"),
    "replace": Text("准予换发", "reissue granted"),
    "revoke": Text("撤销许可", "permit revoked"),
    "withdraw": Text("撤回许可", "permit withdrawn"),
}
REFUSED = {
    "extend": Text("不予延期", "extension refused"),
    "change": Text("不予变更", "change refused"),
    "cancel": Text("不予注销", "cancellation refused"),
    "replace": Text("不予换发", "reissue refused"),
    "revoke": Text("不撤销", "permit not revoked"),
    "withdraw": Text("不撤回", "permit not withdrawn"),
}
"""What is decided, by item; of any other it is the permit itself."""

FIELDS = {
    "employer.credit_code": Text("统一社会信用代码", "Unified social credit code"),
    "employer.name": Text("单位名称", "Employer"),
    "employer.industry": Text("行业", "Industry"),
    "employer.district": Text("所在区", "District"),
    "employer.contact_name": Text("经办人", "Agent"),
    "employer.contact_phone": Text("经办人电话", "Agent's telephone"),
    "employer.contact_email": Text("经办人邮箱", "Agent's e-mail"),
    "beneficiary.surname": Text("姓（同护照）", "Surname as in the passport"),
    "beneficiary.given_names": Text("名（同护照）", "Given names as in the passport"),
    "beneficiary.chinese_name": Text("中文姓名", "Chinese name"),
    "beneficiary.sex": Text("性别", "Sex"),
    "beneficiary.birth_date": Text("出生日期", "Date of birth"),
    "beneficiary.nationality": Text("国籍", "Nationality"),
    "beneficiary.passport_number": Text("护照号", "Passport number"),
    "beneficiary.passport_expiry": Text("护照有效期至", "Passport valid until"),
    "beneficiary.mrz": Text("护照机读区", "Machine-readable zone"),
    "beneficiary.education": Text("学历", "Education"),
    "beneficiary.chinese": Text("汉语水平", "Chinese"),
    "beneficiary.visa_type": Text("签证或居留许可种类", "Kind of visa or residence permit"),
    "beneficiary.visa_expiry": Text("签证有效期至", "Visa valid until"),
    "beneficiary.entry_date": Text("入境日期", "Date of entry"),
    "beneficiary.residence_permit_number": Text("居留许可号", "Residence permit number"),
    "beneficiary.residence_permit_expiry": Text("居留许可有效期至", "Residence permit valid until"),
    "employment.position": Text("岗位", "Position"),
    "employment.position_kind": Text("岗位种类", "Kind of position"),
    "employment.occupation": Text("职业分类", "Occupation"),
    "employment.annual_salary_cny": Text("税前年薪（元）", "Annual salary (CNY)"),
    "employment.experience_years": Text("相关工作年限", "Years of experience"),
    "employment.months_per_year": Text("每年在华月数", "Months a year in China"),
    "employment.place": Text("工作地区类别", "Kind of place"),
    "employment.contract_start": Text("合同开始", "Contract from"),
    "employment.contract_end": Text("合同结束", "Contract until"),
    "employment.grounds": Text("依据", "Grounds"),
    "employment.circumstance": Text("情形", "Circumstance"),
    "employment.other": Text("其他加分", "Other points"),
    "employment.local_bonus": Text("地方鼓励性加分", "Local bonus"),
    "permit.number": Text("许可编号", "Permit number"),
    "permit.event_date": Text("变化或终止的日期", "Day of the change or the end"),
    "permit.former_passport_number": Text("原护照号", "Former passport number"),
}
"""The fields of an application by their names in the JSON interface, in the order of the form."""
PARTS = {
    "employer": Text("用人单位信息", "The employer's data"),
    "beneficiary": Text("申请人信息", "The person's data"),
    "employment": Text("岗位与合同信息", "Position and contract"),
    "permit": Text("现有许可", "The permit held"),
}
THE_FORM = Text("申请表", "The application")


def field_at(pointer: str) -> str:
    """The field a JSON pointer is about, without the place in a list: /employment/grounds/0 is employment.grounds."""
    return ".".join(pointer.strip("/").split("/")[:2])


def named(pointer: str) -> Text:
    """What a pointer is about: the field, else the part of the form, else the form."""
    name = field_at(pointer)
    return FIELDS.get(name) or PARTS.get(name.partition(".")[0], THE_FORM)


def outcome(procedure: str, said: str) -> Text:
    """What deciding an item means in words; `said` is grant, else it is refused."""
    if said == "grant":
        return GRANTED.get(procedure, Text("准予许可", "permit granted"))
    return REFUSED.get(procedure, Text("不予许可", "permit refused"))
