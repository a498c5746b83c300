"""The figures managers ask for: valid permits on a day, as known on a day; bridges; series; lists; files; recount.

Reading only. Every figure is the length of the list that `permits_valid_on` gives for the same question.
"""

import csv
import datetime as dt
import io
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import asyncpg

from permits.clock import CITY
from permits.db.crypto import Keys
from permits.errors import BadInput, FieldError
from permits.i18n import Text
from permits.register import service as register
from permits.register.figures import cover, figure_of
from permits.register.ledger import age_band, age_bands
from permits.register.store import PermitRow
from permits.rules.law import Law
from permits.rules.masking import mask_name
from permits.statistics import counting, store
from permits.statistics.model import (
    CROSSED,
    DEFINITION,
    DIMENSIONS,
    Bridge,
    Change,
    ChangedPage,
    ChangedPermit,
    Count,
    Difference,
    Group,
    ListedPermit,
    MonthEnd,
    PermitPage,
    Point,
    Recount,
)

MOST = 500
"""So many permits at most in one part of a list."""
FIRST, LAST = dt.date(1949, 10, 1), dt.date(2199, 12, 31)
"""Days that can be asked about."""
FURTHEST = 3660
"""So many days at most ahead: no permit runs longer."""
MONTHS = 240
"""So many months at most in one series."""
_KINDS = ("granted", "expired", "cancelled", "revoked", "withdrawn-by-authority")
CHANGES = (*_KINDS, "corrected")
"""What a bridge may name."""
_NEUTRAL = {"birthday", "other-permit"}
"""Causes that move a permit between groups and never change a total."""
_DAY = dt.timedelta(days=1)


async def valid_on(
    tx: asyncpg.Connection, region: str, on: dt.date, as_known_on: dt.date | None, by: tuple[str, ...]
) -> Count:
    """Valid permits on a day, as known now or at the end of another day, in one statement over the ledger.

    Groups sum to the total. Raises BadInput for an unknown dimension or too many crossed.
    """
    _check_dimensions(by)
    _check_days(on=on, as_known_on=as_known_on)
    figure = figure_of(_columns(by))
    rows = await counting.counted(tx, region, _columns(by), cover(figure, on, as_known_on))
    place = [figure.columns.index(column) for column in _columns(by)]
    groups = [Group(dict(zip(by, (row[i] for i in place), strict=True)), *row[-2:]) for row in rows]
    total, persons = sum(group.count for group in groups), sum(group.persons for group in groups)
    shown = sorted((g for g in groups if g.count or g.persons), key=lambda g: (-g.count, *g.values.values()))
    return Count(on, as_known_on, by, total, persons, tuple(shown) if by else ())


async def bridge(tx: asyncpg.Connection, region: str, since: dt.date, to: dt.date) -> Bridge:
    """What made the difference between two days, both as known now, in one statement; it adds up.

    What took effect in between and was recorded only after the later day is `corrected`.
    """
    _check_order(since, to)
    rows = await store.changes(tx, region, since, to, _midnight_after(to))
    between = {row["cause"]: row["between"] for row in rows}
    if unknown := [cause for cause, count in between.items() if count and cause not in _KINDS]:
        raise LookupError(f"the ledger has causes that no bridge knows: {unknown}")
    found = [*((kind, between.get(kind, 0)) for kind in _KINDS), ("corrected", sum(row["late"] for row in rows))]
    changes = tuple(Change(kind, count) for kind, count in found if count)
    before = sum(row["before"] for row in rows)
    return Bridge(Point(since, before), Point(to, before + sum(change.count for change in changes)), changes)


async def month_ends(tx: asyncpg.Connection, region: str, since: dt.date, to: dt.date) -> list[MonthEnd]:
    """The total at each month's end within two days, as known now and as known then, in one statement.

    Of longer series the last `MONTHS` only.
    """
    _check_order(since, to)
    ends = _ends_of_months(since, to)
    if not ends:
        return []
    cells = await store.month_ends(tx, region, ends, [_midnight_after(end) for end in ends])
    series = []
    for i, end in enumerate(ends):
        now = sum(cell["delta"] for cell in cells if cell["effective"] <= i)
        then = sum(cell["delta"] for cell in cells if cell["effective"] <= i and cell["recorded"] <= i)
        series.append(MonthEnd(end, now, then))
    return series


async def permits_valid_on(
    tx: asyncpg.Connection,
    keys: Keys,
    region: str,
    on: dt.date,
    as_known_on: dt.date | None = None,
    where: Mapping[str, str] | None = None,
    cursor: str | None = None,
    size: int = 50,
) -> PermitPage:
    """The permits behind a figure, a page at a time; `where` narrows it to a group by its values.

    Raises BadInput for an unknown dimension or cursor.
    """
    where, size = where or {}, min(size, MOST)
    _check_known(where)
    _check_days(on=on, as_known_on=as_known_on)
    moment = _end_of(as_known_on)
    found = await store.permits_valid_on(tx, region, on, moment, where, _after(cursor), size + 1)
    items = tuple(_listed(keys, region, permit) for permit in found[:size])
    return PermitPage(items, items[-1].id.hex if len(found) > size else None)


async def permits_changed(
    tx: asyncpg.Connection,
    keys: Keys,
    region: str,
    since: dt.date,
    to: dt.date,
    kind: str,
    cursor: str | None = None,
    size: int = 50,
) -> ChangedPage:
    """The permits behind one part of a bridge, a page at a time: their counts add up to it.

    Raises BadInput for an unknown kind or cursor.
    """
    _check_order(since, to)
    if kind not in CHANGES:
        possible = ", ".join(CHANGES)
        raise BadInput(errors=[_wrong("/kind", f"可选：{possible}。", f"Possible: {possible}.")])
    size = min(size, MOST)
    found = await store.changed(tx, region, since, to, _midnight_after(to), kind, _after(cursor), size + 1)
    items = tuple(ChangedPermit(_listed(keys, region, row), row.net) for row in found[:size])
    return ChangedPage(items, items[-1].permit.id.hex if len(found) > size else None)


async def expiring(tx: asyncpg.Connection, keys: Keys, region: str, on: dt.date, days: int) -> list[ListedPermit]:
    """The permits valid on a day that run out within so many days, the earliest first; at most `MOST`."""
    _check_days(on=on)
    found = await store.expiring(tx, region, on, on + min(days, FURTHEST) * _DAY, MOST)
    return [_listed(keys, region, permit) for permit in found]


async def recount(tx: asyncpg.Connection, law: Law, keys: Keys, region: str, on: dt.date) -> Recount:
    """Valid permits counted one by one from the register, and compared with the ledger by every dimension.

    Wants a transaction that has read nothing yet: both are read in one snapshot.
    """
    await tx.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    figures: Counter[str] = Counter()
    people: set[uuid.UUID] = set()
    async for row in store.registered_on(tx, region, on):
        birth = register.birth_of(keys, region, row["person_id"], row["birth"])
        band = age_band(birth, on, age_bands(law, row["valid_from"], region))
        values = {**row, "age_band": band, "employer": row["employer_code"]}
        figures.update(["total", *(f"{name} {values[name]}" for name in DIMENSIONS)])
        people.add(row["person_id"])
    figures["persons"] = len(people)
    return Recount(on, figures["total"], len(people), _differences(figures, await _by_ledger(tx, region, on)))


def csv_of(count: Count, known_now: dt.date, lang: str) -> str:
    """A count as a CSV file that says what it counts, for which day and as known when."""
    known = count.as_known_on or known_now
    file = io.StringIO()
    write = csv.writer(file, lineterminator="\r\n").writerows
    write([[Text("口径", "Definition").of(lang), DEFINITION.of(lang)]])
    write([[Text("统计日", "Valid on").of(lang), count.on], [Text("数据截至", "As known on").of(lang), known], []])
    sums = [Text("有效许可", "Valid permits").of(lang), Text("人数", "Persons").of(lang)]
    write([[*(DIMENSIONS[name].of(lang) for name in count.by), *sums]])
    write([*group.values.values(), group.count, group.persons] for group in count.groups)
    write([[*_padded(Text("合计", "Total").of(lang), count.by), count.total, count.persons]])
    return "\ufeff" + file.getvalue()


def _padded(word: str, by: Sequence[str]) -> list[str]:
    return [word, *([""] * (len(by) - 1))] if by else []


async def _by_ledger(tx: asyncpg.Connection, region: str, on: dt.date) -> Counter[str]:
    whole = await valid_on(tx, region, on, None, ())
    figures = Counter({"total": whole.total, "persons": whole.persons})
    for name in DIMENSIONS:
        for group in (await valid_on(tx, region, on, None, (name,))).groups:
            figures[f"{name} {group.values[name]}"] = group.count
    return figures


def _differences(ours: Counter[str], theirs: Counter[str]) -> tuple[Difference, ...]:
    figures = sorted(ours.keys() | theirs.keys())
    return tuple(Difference(f, ours[f], theirs[f]) for f in figures if ours[f] != theirs[f])


def _listed(keys: Keys, region: str, permit: PermitRow) -> ListedPermit:
    name = mask_name(register.names_of(keys, region, permit).latin)
    fields = (field for field in ListedPermit.__struct_fields__ if field != "name")
    return ListedPermit(name=name, **{field: getattr(permit, field) for field in fields})


def _midnight_after(day: dt.date) -> dt.datetime:
    """When an office day ends."""
    return dt.datetime.combine(day + _DAY, dt.time(), CITY)


def _end_of(day: dt.date | None) -> dt.datetime | None:
    return None if day is None else _midnight_after(day)


def _ends_of_months(since: dt.date, to: dt.date) -> list[dt.date]:
    first, last = since.year * 12 + since.month, to.year * 12 + to.month
    months = range(max(first, last - MONTHS), last + 1)
    ends = (dt.date(month // 12, month % 12 + 1, 1) - _DAY for month in months)
    return [end for end in ends if since <= end <= to]


def _after(cursor: str | None) -> uuid.UUID:
    try:
        return uuid.UUID(hex=cursor) if cursor else uuid.UUID(int=0)
    except ValueError:
        raise BadInput(errors=[_wrong("/cursor", "请从第一页重新翻起。", "Begin again from the first page.")]) from None


def _columns(by: Iterable[str]) -> tuple[str, ...]:
    """The columns of the ledger that dimensions are."""
    return tuple("employer_code" if name == "employer" else name for name in by)


def _check_dimensions(by: tuple[str, ...]) -> None:
    _check_known(by)
    if len(set(by)) < len(by) or len(by) > CROSSED or ("employer" in by and len(by) > 1):
        zh, en = "最多交叉两个维度；用人单位单独统计。", "Cross two dimensions at most; employer stands alone."
        raise BadInput(errors=[_wrong("/by", zh, en)])


def _check_known(names: Iterable[str]) -> None:
    if any(name not in DIMENSIONS for name in names):
        possible = ", ".join(DIMENSIONS)
        raise BadInput(errors=[_wrong("/by", f"可选的维度：{possible}。", f"Possible dimensions: {possible}.")])


def _check_days(**days: dt.date | None) -> None:
    if wrong := [name for name, day in days.items() if day is not None and not FIRST <= day <= LAST]:
        zh, en = f"日期应在 {FIRST} 和 {LAST} 之间。", f"A day between {FIRST} and {LAST}."
        raise BadInput(errors=[_wrong(f"/{name}", zh, en) for name in wrong])


def _check_order(since: dt.date, to: dt.date) -> None:
    _check_days(**{"from": since, "to": to})
    if since > to:
        zh, en = "结束日不能早于开始日。", "The second day must not be before the first."
        raise BadInput(errors=[_wrong("/to", zh, en)])


def _wrong(pointer: str, zh: str, en: str) -> FieldError:
    return FieldError(pointer, Text(zh, en))
