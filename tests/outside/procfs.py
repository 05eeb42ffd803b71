"""A server and its worker as Linux's /proc shows them."""

import os
from pathlib import Path

PROC = Path("/proc")
IS_THERE = (PROC / "self" / "stat").exists()
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def children(parent: int) -> list[int]:
    """Without those that have ended."""
    found = []
    for each in PROC.glob("[0-9]*/stat"):
        try:
            state, its_parent = fields(each)[:2]
        except OSError:
            continue
        if int(its_parent) == parent and state != "Z":
            found.append(int(each.parent.name))
    return found


def is_alive(process: int) -> bool:
    try:
        return fields(PROC / str(process) / "stat")[0] != "Z"
    except OSError:
        return False


def fields(stat: Path) -> list[str]:
    """Those after the name, which may have spaces: the state, the parent, ..."""
    return stat.read_text().rpartition(")")[2].split()


def cpu_seconds(process: int) -> float:
    """Of a process and its children."""
    total = 0
    for each in (process, *children(process)):
        found = fields(PROC / str(each) / "stat")
        total += int(found[11]) + int(found[12])
    return total / TICKS_A_SECOND


def resident_kb(process: int) -> int:
    return memory_kb(process, "VmRSS")


def peak_kb(process: int) -> int:
    """Of a process and its children: the sum of their highest resident memory."""
    return sum(memory_kb(each, "VmHWM") for each in (process, *children(process)))


def memory_kb(process: int, name: str) -> int:
    lines = (PROC / str(process) / "status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1])
