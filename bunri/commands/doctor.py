"""``bunri doctor``: what is configured, what is missing, exactly how to mend it."""

import json
from dataclasses import asdict

import click

from bunri.check import Check, State
from bunri.health import examine

_MARKS = {State.OK: "ok     ", State.NOTE: "note   ", State.PROBLEM: "PROBLEM"}


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="one JSON object")
def command(as_json: bool) -> None:
    """Say what is configured, what is missing and how to mend it; exit code 1 if something is broken."""
    checks = tuple(examine())
    healthy = all(check.state is not State.PROBLEM for check in checks)
    if as_json:
        click.echo(json.dumps({"ok": healthy, "checks": [asdict(check) for check in checks]}, ensure_ascii=False))
    else:
        for check in checks:
            click.echo(_line(check))
    if not healthy:
        raise SystemExit(1)


def _line(check: Check) -> str:
    line = f"{_MARKS[check.state]}  {check.name:<14} {check.found}"
    return f"{line}\n{'':<24} -> {check.remedy}" if check.remedy else line
