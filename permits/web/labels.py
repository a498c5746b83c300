"""What the fields of forms are called, for pages that list what was typed. It judges no value."""

from collections.abc import Iterable

from permits.cases.words import FIELDS
from permits.i18n import Text
from permits.web.forms import DATE_PARTS, OWN_FIELDS

OTHER = Text("其他内容", "Another entry")

LABELS = {
    **FIELDS,
    "procedure": Text("事项", "Procedure"),
    "joint": Text("同时申请居留许可", "Residence permit at the same time"),
    "text_version": Text("承诺书版本", "Version of the commitment"),
    "answers.known": Text("已知晓告知书", "Notice read"),
    "answers.meets": Text("承诺的事实属实", "The fact is true"),
    "answers.verification": Text("同意核查", "Verification agreed to"),
    "answers.foreigner": Text("外国人本人已签字", "Signed by the foreigner"),
    "done": Text("已改好的补正", "Corrections put right"),
    "way": Text("怎样提供", "How it is supplied"),
    "confirmed": Text("确认", "Confirmed"),
    "signed_by": Text("签署人", "Signed by"),
    "reasons": Text("理由", "Reasons"),
    "opinion": Text("意见", "Opinion"),
    "text": Text("内容", "Text"),
    "ground": Text("依据", "Ground"),
    "category": Text("类别", "Category"),
    "valid_from": Text("有效期自", "Valid from"),
    "valid_until": Text("有效期至", "Valid until"),
    "outcome": Text("结论", "Outcome"),
    "to": Text("领取人", "Handed to"),
    "tracking": Text("快递单号", "Tracking number"),
}


def label(name: str) -> Text | None:
    """What a field is called; None for the service's own fields, which nobody typed."""
    if name in OWN_FIELDS:
        return None
    base, _, part = name.rpartition("-")
    return LABELS.get(base if part in DATE_PARTS else name, OTHER)


def place(name: str) -> tuple[int, str]:
    """Where a field stands among the others when they are listed: in the order of the form, unknown ones last."""
    order = list(LABELS)
    return (order.index(name) if name in LABELS else len(order), name)


def _numbered(pairs: str) -> dict[str, Text]:
    """Codes with both words, one a line: code, Chinese, English, parted by bars."""
    rows = (line.strip().split("|") for line in pairs.strip().splitlines())
    return {code: Text(zh, en) for code, zh, en in rows}


OPTIONS: dict[str, dict[str, Text]] = {
    "employer.industry": _numbered("""
        A|农、林、牧、渔业|Agriculture, forestry and fishing
        B|采矿业|Mining
        C|制造业|Manufacturing
        D|电力、热力、燃气及水生产和供应业|Electricity, heat, gas and water
        E|建筑业|Construction
        F|批发和零售业|Wholesale and retail
        G|交通运输、仓储和邮政业|Transport, storage and post
        H|住宿和餐饮业|Hotels and catering
        I|信息传输、软件和信息技术服务业|Software and information technology
        J|金融业|Finance
        K|房地产业|Real estate
        L|租赁和商务服务业|Leasing and business services
        M|科学研究和技术服务业|Research and technical services
        N|水利、环境和公共设施管理业|Water, environment and public facilities
        O|居民服务、修理和其他服务业|Personal services and repair
        P|教育|Education
        Q|卫生和社会工作|Health and social work
        R|文化、体育和娱乐业|Culture, sport and entertainment
        S|公共管理、社会保障和社会组织|Public administration and organisations
        T|国际组织|International organisations
    """),
    "employer.district": _numbered("""
        321202|海陵区|Hailing
        321203|高港区|Gaogang
        321204|姜堰区|Jiangyan
        321281|兴化市|Xinghua
        321282|靖江市|Jingjiang
        321283|泰兴市|Taixing
    """),
    "beneficiary.sex": {
        "F": Text("女", "Female"),
        "M": Text("男", "Male"),
        "X": Text("X（护照所载）", "X, as in the passport"),
    },
    "beneficiary.education": _numbered("""
        doctor|博士|Doctor
        master|硕士|Master
        bachelor|学士|Bachelor
        skill-highest|国际通用最高等级职业技能资格证书|International skills certificate of the highest grade
        skill-senior-technician|高级技师或相当|Senior technician or equal
        skill-technician|技师或相当|Technician or equal
        skill-senior-worker|高级工或相当|Senior worker or equal
        none|都没有|None of these
    """),
    "beneficiary.chinese": _numbered("""
        none|没有证明|No proof
        hsk1|HSK 一级|HSK level 1
        hsk2|HSK 二级|HSK level 2
        hsk3|HSK 三级|HSK level 3
        hsk4|HSK 四级|HSK level 4
        hsk5|HSK 五级及以上|HSK level 5 or higher
        former-national|曾有中国国籍|Former Chinese national
        degree-in-chinese|学位课程以汉语授课|Degree taught in Chinese
    """),
    "beneficiary.visa_type": _numbered("""
        work-residence|工作类居留许可|Residence permit, work
        talent-residence|人才类居留许可|Residence permit, talent
        family-residence|团聚类居留许可|Residence permit, family reunion
        private-residence|私人事务类居留许可|Residence permit, private affairs
        study-residence|学习类居留许可|Residence permit, study
        Z|Z 字签证（工作）|Z visa (work)
        R|R 字签证（人才）|R visa (talent)
        M|M 字签证（贸易）|M visa (trade)
        F|F 字签证（访问）|F visa (visit)
        Q1|Q1 字签证（团聚）|Q1 visa (family reunion)
        S1|S1 字签证（私人探亲）|S1 visa (family of a foreigner)
        X1|X1 字签证（学习）|X1 visa (study)
        K|K 字签证（青年科技人才）|K visa (young talent)
        L|L 字签证（旅游）|L visa (tourism)
        none|没有签证或居留许可|No visa or residence permit
    """),
    "employment.circumstance": _numbered("""
        change-of-employer|换用人单位，职业相同，工作类居留许可有效|Change of employer, same occupation, valid permit
        r-visa|持 R 字签证入境|Entered on an R visa
        category-a|A 类人才，持其他签证或居留许可|Category A, on another visa or residence permit
        family|中国公民或在华外国人的配偶、子女|Spouse or child of a Chinese citizen or a foreigner in China
        group-move|跨国公司内部派来|Moved inside a multinational group
        regional-headquarters|跨国公司地区总部人员|Staff of regional headquarters
        agreement|执行政府间协议|Under an intergovernmental agreement
        representative-office|驻华代表机构人员，持工作签证入境|Staff of a representative office, on a work visa
        short-term-holder|已有 90 日以下许可，停留期内受聘|Holder of a permit of up to 90 days, hired during the stay
        local-policy|自由贸易区等地方政策|Free-trade-zone and other local policy
    """),
    "employment.position_kind": _numbered("""
        managerial|管理|Managerial
        technical|技术、研发|Technical or research
        teaching|教学|Teaching
        skilled|技能|Skilled work
        other|其他|Other
    """),
    "employment.occupation": _numbered("""
        1-06|企事业单位负责人|Heads of enterprises and institutions
        2-01|科学研究人员|Researchers
        2-02|工程技术人员|Engineers and technicians
        2-03|农业技术人员|Agricultural technicians
        2-04|飞机和船舶技术人员|Aircraft and ship officers
        2-05|卫生专业技术人员|Health professionals
        2-06|经济和金融专业人员|Economists and finance professionals
        2-07|法律、社会和宗教专业人员|Legal and social professionals
        2-08|教学人员|Teachers
        2-09|文学艺术、体育专业人员|Artists and sport professionals
        2-10|新闻出版、文化专业人员|Press, publishing and culture professionals
        2-99|其他专业技术人员|Other professionals
        3-01|办事人员|Clerks
        4-01|批发与零售服务人员|Sales staff
        4-02|交通运输、仓储和邮政业服务人员|Transport and storage staff
        4-03|住宿和餐饮服务人员|Hotel and catering staff
        4-04|信息传输、软件和信息技术服务人员|Information technology staff
        4-05|金融服务人员|Financial services staff
        4-07|租赁和商务服务人员|Business services staff
        4-08|技术辅助服务人员|Technical support staff
        4-10|居民服务人员|Personal services staff
        4-12|修理及制作服务人员|Repair staff
        4-13|文化、体育和娱乐服务人员|Culture, sport and entertainment staff
        4-14|健康服务人员|Health services staff
        6-11|化学原料和化学制品制造人员|Makers of chemicals
        6-12|医药制造人员|Makers of medicines
        6-18|机械制造基础加工人员|Machinists
        6-20|通用设备制造人员|Makers of general machinery
        6-21|专用设备制造人员|Makers of special machinery
        6-22|汽车制造人员|Makers of motor vehicles
        6-23|铁路、船舶、航空设备制造人员|Builders of rolling stock, ships and aircraft
        6-24|电气机械和器材制造人员|Makers of electrical equipment
        6-25|计算机、通信和其他电子设备制造人员|Makers of electronics
        6-26|仪器仪表制造人员|Makers of instruments
        6-29|建筑施工人员|Builders
        6-31|生产辅助人员|Production support staff
    """),
    "employment.place": _numbered("""
        ordinary|一般地区（泰州各区市都是）|Ordinary (all of Taizhou)
        western|西部地区|Western China
        north-east|东北等老工业基地|North-east and old industrial bases
        poverty-county|国家级贫困县等|National poverty counties
    """),
    "employment.other": _numbered("""
        top-university|毕业于境外高水平大学（世界百强）|Degree of a top university abroad
        fortune-500|有世界 500 强企业任职经验|Worked for a Fortune 500 company
        patent|有发明专利等自主知识产权|Holds a patent or similar rights
        five-years-in-china|连续在华工作满 5 年|Five years of continuous work in China
    """),
}
"""The codes of a field with their words, in the order a form shows them (GB/T 4754, 2260, 6565 where there is one)."""


def words(name: str, code: str) -> Text:
    """What a code of a field is called; the code itself where it has no words here."""
    return OPTIONS.get(name, {}).get(code) or Text(code, code)


def listed(name: str, codes: Iterable[str]) -> Text:
    """Several codes of a field in words; none where there are none."""
    found = [words(name, code) for code in codes]
    return Text("、".join(one.zh for one in found) or "没有", ", ".join(one.en for one in found) or "none")
