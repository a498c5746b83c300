"""Invented foreigners: names as they are common where they come from, in Latin letters and in Chinese; no real person.

Pure: the same random numbers give the same people.
"""

import datetime as dt
import random
from collections.abc import Sequence

import msgspec

DAY = dt.timedelta(days=1)


class Foreigner(msgspec.Struct, frozen=True):
    """One invented foreigner."""

    surname: str
    given_names: str
    chinese_name: str
    sex: str
    birth_date: dt.date
    nationality: str
    passport_number: str


def _names(text: str) -> tuple[tuple[str, str], ...]:
    """Names with their Chinese writing, as `LATIN 中文` between commas."""
    pairs = (part.strip().rpartition(" ") for part in text.split(","))
    return tuple((latin, chinese) for latin, _, chinese in pairs)


class Pool(msgspec.Struct, frozen=True):
    """Names that go together."""

    surnames: tuple[tuple[str, str], ...]
    women: tuple[tuple[str, str], ...]
    men: tuple[tuple[str, str], ...]
    point: str = "·"
    """What stands between given name and surname in Chinese; empty where the surname comes first."""


POOLS = {
    "KOR": Pool(
        _names("KIM 金, PARK 朴, CHOI 崔, JUNG 郑, KANG 姜, YOON 尹, LIM 林, HAN 韩, SHIN 申, SEO 徐"),
        _names("SEOYEON 瑞妍, HAEUN 河恩, JIWOO 智友, MINSEO 敏瑞, YUNA 润娥, SOOMIN 秀旻"),
        _names("MINJUN 珉俊, DOHYUN 道贤, JIHO 智浩, SEUNGHO 胜浩, TAEYANG 太阳, HYUNWOO 贤宇"),
        "",
    ),
    "JPN": Pool(
        _names("TANAKA 田中, SATO 佐藤, SUZUKI 铃木, ITO 伊藤, MORI 森, KOBAYASHI 小林, ABE 阿部, OGAWA 小川"),
        _names("YUI 结衣, HANA 花, SAKURA 樱, MIO 澪, AOI 葵, RIN 凛"),
        _names("HARUTO 阳翔, SOTA 飒太, YUTO 悠斗, REN 莲, KAITO 海斗, TAKUMI 匠"),
        "",
    ),
    "VNM": Pool(
        _names("NGUYEN 阮, TRAN 陈, LE 黎, PHAM 范, HOANG 黄, VU 武"),
        _names("THI LAN 氏兰, THI MAI 氏梅, THU HA 秋河, NGOC ANH 玉英"),
        _names("VAN NAM 文南, MINH DUC 明德, QUOC BAO 国宝, HUU LONG 友龙"),
        "",
    ),
    "DEU": Pool(
        _names("MUSTER 穆斯特, WEBER 韦伯, SCHULZE 舒尔策, BECKER 贝克尔, KRUEGER 克吕格, VOGEL 福格尔, BRANDT 勃兰特"),
        _names("LENA SOPHIE 莱娜, ANNA 安娜, KATHARINA 卡塔琳娜, GRETA 格蕾塔"),
        _names("TOBIAS 托比亚斯, JONAS 约纳斯, FELIX 费利克斯, MATTHIAS 马蒂亚斯"),
    ),
    "GBR": Pool(
        _names("SMITH 史密斯, JONES 琼斯, TAYLOR 泰勒, WALKER 沃克, WOOD 伍德, CLARKE 克拉克, HUGHES 休斯, REED 里德"),
        _names("EMILY 埃米莉, CHARLOTTE 夏洛特, GRACE 格雷丝, OLIVIA 奥利维娅"),
        _names("OLIVER JAMES 奥利弗, HENRY 亨利, GEORGE 乔治, DANIEL 丹尼尔"),
    ),
    "IND": Pool(
        _names("SHARMA 夏尔马, PATEL 帕特尔, SINGH 辛格, KUMAR 库马尔, REDDY 雷迪, IYER 艾耶, MEHTA 梅赫塔"),
        _names("ANIKA 阿妮卡, PRIYA 普丽娅, MEERA 米拉, KAVYA 卡维娅"),
        _names("ROHAN 罗汉, ARJUN 阿琼, VIKRAM 维克拉姆, SANJAY 桑贾伊"),
    ),
    "RUS": Pool(
        _names("IVANOV 伊万诺夫, PETROV 彼得罗夫, SOKOLOV 索科洛夫, ORLOV 奥尔洛夫, MOROZOV 莫罗佐夫"),
        _names("DARIA 达莉娅, ANNA 安娜, OLGA 奥莉加, MARIA 玛丽亚"),
        _names("DMITRI 德米特里, ALEXEI 阿列克谢, IVAN 伊万, PAVEL 帕维尔"),
    ),
    "FRA": Pool(
        _names("DUBOIS 杜布瓦, MARTIN 马丁, LEROY 勒鲁瓦, MOREAU 莫罗, GIRARD 吉拉尔"),
        _names("CAMILLE 卡米耶, CLAIRE 克莱尔, JULIE 朱莉, MANON 马农"),
        _names("LUCAS 吕卡, HUGO 于戈, LOUIS 路易, ANTOINE 安托万"),
    ),
    "ITA": Pool(
        _names("ROSSI 罗西, FERREIRA 费雷拉, GARCIA 加西亚, BIANCHI 比安基, COSTA 科斯塔, LOPEZ 洛佩斯"),
        _names("GIULIA 朱莉娅, SOFIA 索菲娅, ANA 安娜, LUCIA 露西娅"),
        _names("MATTEO 马泰奥, JOAO PEDRO 若昂, CARLOS 卡洛斯, MARCO 马尔科"),
    ),
    "IDN": Pool(
        _names("SANTOSO 桑托索, REYES 雷耶斯, WIJAYA 维查亚, CRUZ 克鲁斯, RAHMAN 拉赫曼"),
        _names("SITI 西蒂, MARIA 玛丽亚, DEWI 黛维, LIZA 丽莎"),
        _names("BUDI 布迪, JOSE 何塞, AHMAD 艾哈迈德, RAMON 拉蒙"),
    ),
}
LIKE = {
    "USA": "GBR", "CAN": "GBR", "AUS": "GBR", "IRL": "GBR", "NZL": "GBR", "ZAF": "GBR", "NGA": "GBR",
    "AUT": "DEU", "CHE": "DEU", "NLD": "DEU", "FIN": "DEU", "SWE": "DEU", "PAK": "IND", "BGD": "IND", "LKA": "IND",
    "UKR": "RUS", "BLR": "RUS", "KAZ": "RUS", "POL": "RUS", "BEL": "FRA", "CMR": "FRA", "ESP": "ITA", "PRT": "ITA",
    "BRA": "ITA", "MEX": "ITA", "COL": "ITA", "PHL": "IDN", "MYS": "IDN", "THA": "VNM", "RKS": "RUS",
}  # fmt: skip
"""From which pool the names of other nationalities come."""
SHARES = dict.fromkeys(LIKE, 1) | {
    "KOR": 88, "JPN": 60, "DEU": 43, "USA": 33, "IND": 30, "GBR": 22, "RUS": 21, "VNM": 21, "FRA": 15, "ITA": 5,
    "IDN": 3, "CAN": 4, "AUS": 3, "PHL": 4, "BRA": 3, "UKR": 3,
}  # fmt: skip
"""How many of some 380 foreigners hold each nationality."""


def foreigner(r: random.Random, serial: int, on: dt.date, nationality: str = "") -> Foreigner:
    """Somebody of working age on a day; `serial` makes the passport's number nobody else's."""
    nation = nationality or r.choices(list(SHARES), list(SHARES.values()))[0]
    pool = POOLS[LIKE.get(nation, nation)]
    sex = r.choices("MF", (62, 38))[0]
    family, given = r.choice(pool.surnames), r.choice(pool.women if sex == "F" else pool.men)
    chinese = f"{given[1]}{pool.point}{family[1]}" if pool.point else family[1] + given[1]
    age = r.triangular(24, 58, 36)
    return Foreigner(
        surname=family[0],
        given_names=given[0],
        chinese_name=chinese if r.random() < CHINESE_NAMED or not pool.point else "",
        sex=sex,
        birth_date=on - DAY * int(age * 365.25),
        nationality=nation,
        passport_number=f"{r.choice(FIRST_LETTERS)}{r.randrange(10)}{serial:07d}",
    )


CHINESE_NAMED = 0.7
"""The share of those who have a Chinese name, of whom the passport does not show one."""
FIRST_LETTERS: Sequence[str] = "CEGKLMPRX"
