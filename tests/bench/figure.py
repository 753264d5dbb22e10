"""A measured figure, the machine it was measured on, and how both are shown and kept."""

from __future__ import annotations

import json
import os
import platform
import resource
import sqlite3
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

RESULTS = Path("bench-results")


class Figure(NamedTuple):
    """What was measured, and its part of a limit or a bound that was measured or set beside it."""

    name: str
    value: float
    unit: str
    ratio: float | None = None
    runs: tuple[float, ...] = ()
    """Each run, where `value` is their median."""
    note: str = ""
    """What a comparison does not do."""


class Spent(NamedTuple):
    """What some work took."""

    wall_s: float
    cpu_s: float
    """Of this process and the children that ended meanwhile: it says more than the clock where others compute too."""


def spent(work: Callable[[], object]) -> Spent:
    start, before = time.perf_counter(), _cpu_s()
    work()
    return Spent(time.perf_counter() - start, _cpu_s() - before)


def _cpu_s() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def rate_of(name: str, count: int, each: Sequence[Spent]) -> Figure:
    """Statements a second, the median of some runs over so many."""
    values = tuple(count / one.wall_s for one in each)
    return Figure(name, statistics.median(values), "statements/s", runs=values)


def cpu_of(name: str, count: int, each: Sequence[Spent], limit: Sequence[Spent]) -> Figure:
    """Processor time a statement, and how much of it is the limit's: what the rate comes to on a machine of its own, if
    all cores are kept busy."""
    values = tuple(one.cpu_s / count * 1e6 for one in each)
    middle = statistics.median(values)
    least = statistics.median(one.cpu_s for one in limit) / count * 1e6
    return Figure(f"  {name}: processor time a statement", middle, "us", least / middle, values)


def median_of(name: str, unit: str, measure: Callable[[], float], runs: int, note: str = "") -> Figure:
    values = tuple(measure() for _ in range(runs))
    return Figure(name, statistics.median(values), unit, runs=values, note=note)


def part_of(figure: Figure, limit: Figure) -> Figure:
    return figure._replace(ratio=figure.value / limit.value)


def shown(figures: Sequence[Figure]) -> str:
    lines = []
    for one in figures:
        spread = f"   {min(one.runs):,.0f} to {max(one.runs):,.0f}" if one.runs else ""
        ratio = "" if one.ratio is None else f"{one.ratio:8.2f} of it"
        lines.append(f"{one.name:52} {one.value:14,.2f} {one.unit:13}{ratio}{spread}")
        if one.note:
            lines.append(f"    {one.note}")
    return "\n".join(lines)


def keep(name: str, settings: dict[str, Any], figures: Sequence[Figure]) -> Path:
    """Write bench-results/NAME.json."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    result = {"machine": machine(), **settings, "figures": [one._asdict() for one in figures]}
    path.write_text(json.dumps(result, indent=2) + "\n")
    return path


def machine() -> dict[str, Any]:
    """What a reader must know of the machine; the load is of all who use it, so figures of a busy one mislead."""
    facts = _facts("/proc/cpuinfo")
    return {
        "cpu": facts.get("model name", platform.processor()),
        "cores": os.cpu_count(),
        "memory": _facts("/proc/meminfo").get("MemTotal", "unknown"),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "load": os.getloadavg(),
    }


def _facts(path: str) -> dict[str, str]:
    """The first of each `name: value` in a file of the kernel; none where there is no such file."""
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return {}
    pairs = (line.partition(":") for line in reversed(lines))
    return {name.strip(): value.strip() for name, colon, value in pairs if colon}
