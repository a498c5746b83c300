"""Nationalities: the codes an application may carry, their names, and how a passport's own codes are read.

The names come from Unicode's tables as Babel carries them; nothing here says who may come from where.
"""

from collections.abc import Mapping
from types import MappingProxyType

from babel import Locale
from babel.core import get_global

from permits.i18n import Text

_NOT_ISO = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "TA", "UN", "XA", "XB", "XK", "ZZ"}
"""Two-letter codes of Unicode that are no ISO 3166-1 country."""
_FORMER = {"BUR", "DDR", "FXX", "TMP", "YMD", "ZAR"}
"""Three-letter codes of states that are no more."""
_NO_FOREIGNERS = {"CHN", "HKG", "MAC", "TWN"}
"""Who needs no permit: Chinese nationals; Hong Kong, Macao and Taiwan residents since 2018-07-28 (国发〔2018〕28号)."""
_ICAO = {"D": "DEU", "GBD": "GBR", "GBN": "GBR", "GBO": "GBR", "GBP": "GBR", "GBS": "GBR"}
"""Codes of travel documents for which ISO has another (ICAO Doc 9303-3, section 5)."""

STATELESS = MappingProxyType(
    {
        "XXA": Text("无国籍人（1954 年公约）", "Stateless person (1954 Convention)"),
        "XXB": Text("难民（1951 年公约）", "Refugee (1951 Convention)"),
        "XXC": Text("难民（其他）", "Refugee, other"),
        "RKS": Text("科索沃（护照所载代码）", "Kosovo (code in its passports)"),
    }
)
"""Codes of ICAO Doc 9303-3 that ISO 3166 lacks and an application may carry."""
IDENTIFIERS_ONLY = frozenset({"XXX", "UTO", "EUE", "UNA", "UNK", "UNO", "XOM", "XPO"})
"""Codes a machine readable zone may carry and an application may not: unspecified, specimens, organisations."""


def _of_iso() -> dict[str, Text]:
    zh, en = Locale("zh").territories, Locale("en").territories
    aliases: Mapping[str, list[str]] = get_global("territory_aliases")
    countries = {code: to[0] for code, to in aliases.items() if len(code) == 3 and code.isalpha() and len(to) == 1}
    left_out = _FORMER | _NO_FOREIGNERS
    return {
        code: Text(zh[country], en[country])
        for code, country in sorted(countries.items())
        if code not in left_out and country not in _NOT_ISO and country in zh
    }


NATIONALITIES: Mapping[str, Text] = MappingProxyType({**_of_iso(), **STATELESS})
"""Every nationality an application may carry, by ISO 3166-1 alpha-3 code or one of `STATELESS`, with its name."""


def _numeric() -> dict[str, str]:
    aliases: Mapping[str, list[str]] = get_global("territory_aliases")
    by_country: dict[str, dict[bool, str]] = {}
    for code, to in aliases.items():
        if len(code) == 3 and len(to) == 1 and code not in _FORMER:
            by_country.setdefault(to[0], {})[code.isdecimal()] = code
    pairs = (codes for codes in by_country.values() if len(codes) == 2)
    return {codes[True]: codes[False] for codes in pairs if codes[False] in NATIONALITIES}


NUMERIC: Mapping[str, str] = MappingProxyType(_numeric())
"""The alpha-3 code of each ISO 3166-1 numeric one."""


def alpha_3(numeric: str) -> str | None:
    """The alpha-3 code of three digits of ISO 3166-1 (682 is SAU); None where there is none."""
    return NUMERIC.get(numeric)


def icao_to_iso(code: str) -> str:
    """The code an application carries for one printed in a passport: D is DEU; what ISO lacks stays as it is."""
    bare = code.rstrip("<").upper()
    return _ICAO.get(bare, bare)


def known_to_icao(code: str) -> bool:
    """Whether a machine readable zone may carry this code as a nationality, China's own documents included."""
    iso = icao_to_iso(code)
    return iso in NATIONALITIES or iso in IDENTIFIERS_ONLY or iso in _NO_FOREIGNERS


def why_not(code: str) -> Text | None:
    """Why an application may not carry this nationality; None where it may."""
    if code in NATIONALITIES:
        return None
    if code in _NO_FOREIGNERS:
        return Text(
            "中国公民（含港澳台居民）在内地就业不需要外国人工作许可。",
            "Chinese nationals, those of Hong Kong, Macao and Taiwan included, need no foreigner's work permit.",
        )
    return Text(
        "请填写国籍的三位代码（ISO 3166，如 DEU；无国籍人为 XXA，难民为 XXB、XXC）。",
        "Give the three-letter code of the nationality (ISO 3166, such as DEU; stateless XXA, refugees XXB or XXC).",
    )
