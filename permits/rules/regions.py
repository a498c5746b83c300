"""Region codes (GB/T 2260): the provinces, Jiangsu's cities, and the districts of Taizhou, with their names.

Codes outside Jiangsu are known by province only. It says where a code lies, never who is served there.
"""

from collections.abc import Mapping
from types import MappingProxyType

from permits.i18n import Text

PROVINCES: Mapping[str, Text] = MappingProxyType(
    {
        code: Text(*names.split("/"))
        for code, names in {
            "11": "北京市/Beijing", "12": "天津市/Tianjin", "13": "河北省/Hebei", "14": "山西省/Shanxi",
            "15": "内蒙古自治区/Inner Mongolia", "21": "辽宁省/Liaoning", "22": "吉林省/Jilin",
            "23": "黑龙江省/Heilongjiang", "31": "上海市/Shanghai", "32": "江苏省/Jiangsu", "33": "浙江省/Zhejiang",
            "34": "安徽省/Anhui", "35": "福建省/Fujian", "36": "江西省/Jiangxi", "37": "山东省/Shandong",
            "41": "河南省/Henan", "42": "湖北省/Hubei", "43": "湖南省/Hunan", "44": "广东省/Guangdong",
            "45": "广西壮族自治区/Guangxi", "46": "海南省/Hainan", "50": "重庆市/Chongqing", "51": "四川省/Sichuan",
            "52": "贵州省/Guizhou", "53": "云南省/Yunnan", "54": "西藏自治区/Tibet", "61": "陕西省/Shaanxi",
            "62": "甘肃省/Gansu", "63": "青海省/Qinghai", "64": "宁夏回族自治区/Ningxia",
            "65": "新疆维吾尔自治区/Xinjiang",
            "71": "台湾省/Taiwan", "81": "香港特别行政区/Hong Kong", "82": "澳门特别行政区/Macao",
        }.items()
    }
)  # fmt: skip
"""By the first two digits."""
JIANGSU: Mapping[str, Text] = MappingProxyType(
    {
        code: Text(*names.split("/"))
        for code, names in {
            "320100": "南京市/Nanjing", "320200": "无锡市/Wuxi", "320300": "徐州市/Xuzhou",
            "320400": "常州市/Changzhou",
            "320500": "苏州市/Suzhou", "320600": "南通市/Nantong", "320700": "连云港市/Lianyungang",
            "320800": "淮安市/Huai'an", "320900": "盐城市/Yancheng", "321000": "扬州市/Yangzhou",
            "321100": "镇江市/Zhenjiang", "321200": "泰州市/Taizhou", "321300": "宿迁市/Suqian",
            "321202": "海陵区/Hailing", "321203": "高港区/Gaogang", "321204": "姜堰区/Jiangyan",
            "321281": "兴化市/Xinghua", "321282": "靖江市/Jingjiang", "321283": "泰兴市/Taixing",
        }.items()
    }
)  # fmt: skip
"""Its cities, and the districts of Taizhou."""


def name_of(code: str) -> Text | None:
    """The name of a region: of a code within Jiangsu its own, of another its province's; None where there is none."""
    if len(code) != 6 or not (code.isascii() and code.isdigit()):
        return None
    province = PROVINCES.get(code[:2])
    if code.endswith("0000") or province is None:
        return province
    return JIANGSU.get(code) if code.startswith("32") else province
