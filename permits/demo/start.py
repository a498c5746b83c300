"""`permits demo`: starts database, migrations, city, both agencies, worker and web server, in this order.

Then it keeps them running and the ready file true, until Ctrl-C or SIGTERM, and ends them in the reverse order.
"""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import msgspec

import permits
from permits import clock
from permits.db.embedded import Embedded
from permits.db.host import Unusable
from permits.demo import beside, ready
from permits.demo.ground import HOST, Refused, agency_port, only_one, require_free
from permits.demo.supervisor import Program, Signals, Stopping, Supervisor
from permits.processes import end, spawn, tail

ROOT = Path(permits.__file__).resolve().parents[1]
URLS = {"police": "PERMITS_POLICE_URL", "approval-bureau": "PERMITS_BUREAU_URL"}
AGENCIES = tuple(URLS)
END_ORDER = ("web", "worker", *AGENCIES, "postgres")
GRACE_S = {"web": 4.0, "worker": 3.0}
"""How long a program may take to end what it does, in seconds; others 2."""
START_S = 120.0
"""How long the servers may take until they answer, in seconds."""
PREPARE_S = 900.0
"""How long migrations or the city may take, in seconds."""
PATIENCE = 5
"""So many ends at once, one after the other, and a program is taken for broken while we start."""


class Plan(msgspec.Struct, frozen=True):
    """What is to be started and where."""

    port: int
    data: Path
    ready_file: Path | None
    empty: bool
    agency_ports: Mapping[str, int]
    env: Mapping[str, str]
    """The environment of everything started."""
    by_files: str | None = None
    """The agency that takes batch files only."""

    @property
    def url(self) -> str:
        """Where the public reaches the service."""
        return f"http://{HOST}:{self.port}"

    @property
    def agencies(self) -> Mapping[str, str]:
        """Where each agency's simulator is."""
        return {name: f"http://{HOST}:{port}" for name, port in self.agency_ports.items()}

    def log(self, name: str) -> Path:
        """What a program says."""
        return self.data / "log" / f"{name}.log"


def demo(
    port: int, data: Path, ready_file: Path | None, empty: bool, at: datetime | None, by_files: str | None = None
) -> int:
    """Run the demonstration until told to stop; 0 then, 1 with a sentence on stderr when it cannot start."""
    clock.set_offset((at - clock.machine_now()).total_seconds() if at else 0.0)
    data = data.resolve()
    try:
        (data / "log").mkdir(parents=True, exist_ok=True)
        with Signals() as signals, only_one(data):
            require_free(port)
            return _run(_planned(port, data, ready_file, empty, by_files), Supervisor(signals))
    except (Refused, Unusable, OSError) as error:
        print(error, file=sys.stderr)
        return 1


def _planned(port: int, data: Path, ready_file: Path | None, empty: bool, by_files: str | None) -> Plan:
    ports = {name: agency_port() for name in AGENCIES}
    env = os.environ | {
        "PYTHONUNBUFFERED": "1",
        "PERMITS_DEMO": "1",
        "PERMITS_DATA": str(data),
        "PERMITS_KEY_FILE": str(data / "keys" / "data.json"),
        "PERMITS_AGENCY_KEYS": str(data / "keys" / "agencies"),
        "PERMITS_PUBLIC_URL": f"http://{HOST}:{port}",
        **{
            URLS[name]: _folder(data, name).as_uri() if name == by_files else f"http://{HOST}:{its}"
            for name, its in ports.items()
        },
        "PERMITS_CLOCK_OFFSET_SECONDS": str(clock.offset().total_seconds()),
    }
    return Plan(port, data, ready_file.absolute() if ready_file else None, empty, ports, env, by_files)


def _folder(data: Path, agency: str) -> Path:
    """Where batch files are exchanged with an agency."""
    return data / "exchange" / agency


def _run(plan: Plan, supervisor: Supervisor) -> int:
    _withdraw(plan)
    _say(f"One Window 一窗通, demonstration 演示. Data 数据: {plan.data}")
    try:
        accounts = _started(plan, supervisor)
        _publish(plan, supervisor, accounts)
        _welcome(plan, accounts)
        supervisor.watch(lambda: False, lambda: _publish(plan, supervisor, accounts))
    except Stopping:
        _say("Stopping 正在停止")
    finally:
        supervisor.end_all(END_ORDER)
        _withdraw(plan)
    return 0


def _started(plan: Plan, supervisor: Supervisor) -> Sequence[ready.Account]:
    """Start everything, and return once everything answers."""
    with _step("PostgreSQL"):
        plan = _with_database(plan, supervisor)
    with _step("Migrations 数据库结构"):
        _complete(plan, supervisor, "migrate", ["permits", "migrate"])
    with _step("City 演示城市"):
        accounts = _prepared(plan, supervisor)
    with _step("Agencies, worker, web 各部门、后台、网站"):
        for program in _programs(plan):
            supervisor.add(program)
        waiting = {f"{plan.url}/readyz", *(f"{url}/healthz" for url in plan.agencies.values())}
        _until(supervisor, plan, START_S, "a server does not answer", lambda: _all_answer(waiting))
    return accounts


def _with_database(plan: Plan, supervisor: Supervisor) -> Plan:
    """The plan with a database in its environment: the one that PERMITS_DATABASE_URL names, or our own."""
    if given := plan.env.get("PERMITS_DATABASE_URL"):
        return msgspec.structs.replace(plan, env={"PERMITS_MIGRATION_URL": given, **plan.env})
    server = Embedded(plan.data)
    server.initialise()
    for remark in server.remarks:
        _say(f"({remark}) ")
    supervisor.add(Program("postgres", server.start, lambda process: server.stop()))
    _until(supervisor, plan, START_S, "PostgreSQL does not start", server.ready)
    server.bootstrap()
    urls = {
        "PERMITS_DATABASE_URL": server.url("permits_app", "permits"),
        "PERMITS_MIGRATION_URL": server.url("permits_migrator", "permits"),
    }
    beside.leave(plan.data, {**plan.env, **urls})
    return msgspec.structs.replace(plan, env={**plan.env, **urls})


def _prepared(plan: Plan, supervisor: Supervisor) -> Sequence[ready.Account]:
    file = plan.data / "accounts.json"
    empty = ["--empty"] if plan.empty else []
    try:
        _complete(plan, supervisor, "prepare", ["permits.demo.prepare", "--accounts", str(file), *empty])
        return msgspec.json.decode(file.read_bytes(), type=list[ready.Account])
    finally:
        file.unlink(missing_ok=True)


def _programs(plan: Plan) -> Iterator[Program]:
    for agency, port in plan.agency_ports.items():
        where = ["--port", str(port), "--data", str(plan.data / "agencies"), "--office-url", plan.url]
        where += ["--folder", str(_folder(plan.data, agency))] if agency == plan.by_files else []
        yield _program(plan, agency, ["simulate", agency, *where, "--keys", plan.env["PERMITS_AGENCY_KEYS"]])
    yield _program(plan, "worker", ["worker"])
    yield _program(plan, "web", ["serve", "--host", HOST, "--port", str(plan.port)])


def _program(plan: Plan, name: str, arguments: Sequence[str]) -> Program:
    return Program(
        name,
        lambda: _spawned(plan, name, ["permits", *arguments]),
        lambda process: end(process, limit_s=GRACE_S.get(name, 2.0)),
    )


def _spawned(plan: Plan, name: str, module: Sequence[str]) -> subprocess.Popen[bytes]:
    return spawn([sys.executable, "-m", *module], env=plan.env, log=plan.log(name), cwd=ROOT)


def _complete(plan: Plan, supervisor: Supervisor, name: str, module: Sequence[str]) -> None:
    """Run a program to its end; Refused with what it said last when it fails."""
    process = _spawned(plan, name, module)
    try:
        _until(supervisor, plan, PREPARE_S, f"{name} does not end", lambda: process.poll() is not None)
    finally:
        end(process)
    if process.returncode:
        raise Refused(f"{name} failed; the end of {plan.log(name)}:\n{tail(plan.log(name))}")


def _until(supervisor: Supervisor, plan: Plan, limit_s: float, otherwise: str, holds: Callable[[], bool]) -> None:
    """Keep everything running until something holds; Refused when it takes too long or a program is broken."""
    limit = time.monotonic() + limit_s

    def done() -> bool:
        for child in supervisor.children:
            if child.failures >= PATIENCE:
                log = plan.log(child.program.name)
                raise Refused(f"{child.program.name} does not stay up; the end of {log}:\n{tail(log)}")
        if time.monotonic() > limit:
            raise Refused(f"{otherwise} after {limit_s:.0f} s; see the logs in {plan.data / 'log'}")
        return holds()

    supervisor.watch(done)


def _all_answer(waiting: set[str]) -> bool:
    """Whether every address has answered; those that have are taken out."""
    waiting -= {url for url in waiting if ready.answers(url)}
    return not waiting


def _publish(plan: Plan, supervisor: Supervisor, accounts: Sequence[ready.Account]) -> None:
    if plan.ready_file:
        pids = {child.program.name: child.pid for child in supervisor.children}
        ready.write(plan.ready_file, plan.url, accounts, plan.agencies, pids)


def _withdraw(plan: Plan) -> None:
    beside.withdraw(plan.data)
    if plan.ready_file:
        plan.ready_file.unlink(missing_ok=True)


def _welcome(plan: Plan, accounts: Sequence[ready.Account]) -> None:
    _say(f"\nOpen 请打开  {plan.url}\n")
    first = {account.role: account for account in reversed(accounts)}
    for account in dict.fromkeys(first[account.role] for account in accounts):
        _say(f"  {account.role:<12} {account.email:<32} {account.password}")
    _say("\nCtrl-C stops 按 Ctrl-C 停止")


@contextlib.contextmanager
def _step(name: str) -> Iterator[None]:
    began = time.monotonic()
    _say(f"  {name} … ", end="")
    yield
    _say(f"{time.monotonic() - began:.1f} s")


def _say(text: str, end: str = "\n") -> None:
    with contextlib.suppress(OSError):  # a terminal that went away stops nothing
        print(text, end=end, flush=True)
