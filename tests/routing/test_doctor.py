"""The doctor says what is well and what is wrong, and one check that fails hides no other."""

from datetime import timedelta
from pathlib import Path

import pytest

from permits import doctor
from permits.clock import machine_now
from permits.doctor import Finding
from permits.routing import breakers, store
from permits.settings import Settings, settings
from tests.conftest import REGION
from tests.routing.bench import Bench


async def found(bench: Bench, given: Settings | None = None) -> list[Finding]:
    return [finding async for finding in doctor.examine(bench.database, given or settings())]


async def test_all_is_well_in_a_city_whose_relay_runs(bench: Bench) -> None:
    await bench.until("granted")
    async with bench.database.transaction(REGION) as tx:
        await store.relay_ran(tx, REGION, 0, machine_now())
    findings = await found(bench)
    assert [finding for finding in findings if not finding.well] == []
    says = " ".join(finding.says for finding in findings)
    assert "1 件有效 valid" in says


async def test_a_relay_that_never_ran_and_a_clock_that_is_off_are_told(bench: Bench) -> None:
    async with bench.database.transaction(REGION) as tx:
        await breakers.heard(tx, REGION, "police", -90_000, machine_now())
    wrong = [finding for finding in await found(bench) if not finding.well]
    assert [finding.check.split()[1] for finding in wrong] == ["转发程序上次运行", "police"]
    assert "-90.0 s" in wrong[1].says


async def test_a_key_that_ends_soon_without_another_and_a_file_that_others_read_are_told(
    bench: Bench, env: dict[str, str]
) -> None:
    folder = Path(env["PERMITS_AGENCY_KEYS"])
    end = machine_now() + timedelta(days=3)
    (folder / "trust.toml").write_text(f'[[key]]\nid = "police"\nowner = "police"\nvalid_until = {end.isoformat()}\n')
    (folder / "office.key.pem").chmod(0o640)
    findings = await doctor.signing_keys(bench.database, settings(), REGION)
    assert [finding.check.rpartition(" ")[2] for finding in findings if not finding.well] == ["police", "keys"]
    assert "office.key.pem" in findings[-1].says


async def test_a_register_that_cannot_be_counted_hides_nothing_else(bench: Bench, tmp_path: Path) -> None:
    findings = await found(bench, Settings(data=tmp_path / "nowhere"))
    assert [finding.says for finding in findings if "register" in finding.check] == ["not checked: FileNotFoundError"]
    assert len(findings) > 5


def test_the_command_prints_every_check_and_says_by_its_status_that_something_is_wrong(
    env: dict[str, str], keys: object, capsys: pytest.CaptureFixture[str]
) -> None:
    assert doctor.main() == 1  # no relay runs here
    printed = capsys.readouterr().out
    assert "WRONG 321200 转发程序上次运行" in printed
    assert "checks, 1 wrong" in printed
