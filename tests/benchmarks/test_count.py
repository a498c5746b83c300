"""The measurement of counts, on a small register: every answer is what a look at every permit says."""

import asyncio
from pathlib import Path

from permits.bench import count
from permits.db.embedded import temporary


def test_every_answer_of_the_measured_register_is_right(tmp_path: Path) -> None:
    with temporary() as server:
        found = asyncio.run(count.measured(server, tmp_path, [1000]))
    assert {name: one.wrong for name, one in found[1000].items()} == {one.name: 0 for one in count.QUESTIONS}
    assert "1,000 permits" in count.table(found)
