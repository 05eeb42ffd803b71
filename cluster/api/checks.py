"""/healthz, /livez and /readyz with their checks, in an API server's format (apiserver pkg/server/healthz)."""

from collections.abc import Callable, Mapping, Sequence

from cluster.live.health import database_answers, worker_lives

Check = Callable[[], bool]


def ping() -> bool:
    return True


# The check of etcd checks the database.
LIVE: Mapping[str, Check] = {"ping": ping, "log": ping, "etcd": database_answers}
CHECKS: Mapping[str, Mapping[str, Check]] = {
    "healthz": LIVE,
    "livez": LIVE,
    "readyz": {**LIVE, "worker": worker_lives, "shutdown": ping},
}


def paths() -> list[str]:
    """/healthz, /healthz/etcd ..."""
    return [f"/{root}{below}" for root, checks in CHECKS.items() for below in ("", *(f"/{each}" for each in checks))]


def answer(parts: Sequence[str], *, verbose: bool, excluded: Sequence[str]) -> tuple[int, str] | None:
    """(code, text) for ["readyz"] or ["readyz", "etcd"]; None if there is no such check."""
    checks = CHECKS.get(parts[0])
    if checks is None or len(parts) > 2:
        return None
    if len(parts) == 2:
        return one(parts[1], checks) if parts[1] in checks else None
    return whole(parts[0], checks, verbose=verbose, excluded=excluded)


def one(name: str, checks: Mapping[str, Check]) -> tuple[int, str]:
    return (200, "ok") if checks[name]() else (500, f"internal server error: {name} failed\n")


def whole(root: str, checks: Mapping[str, Check], *, verbose: bool, excluded: Sequence[str]) -> tuple[int, str]:
    lines, failed = [], False
    for name, check in checks.items():
        if name in excluded:
            lines.append(f"[+]{name} excluded: ok")
        elif check():
            lines.append(f"[+]{name} ok")
        else:
            lines.append(f"[-]{name} failed: reason withheld")
            failed = True
    unknown = [each for each in excluded if each not in checks]
    if unknown:
        named = ", ".join(f'"{each}"' for each in sorted(unknown))
        lines.append(f"warn: some health checks cannot be excluded: no matches for {named}")
    if failed:
        return 500, "\n".join([*lines, f"{root} check failed", ""])
    return 200, "\n".join([*lines, f"{root} check passed", ""]) if verbose else "ok"
