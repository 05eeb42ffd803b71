"""In CI a skipped test is a failed test: a browser or a server that is missing there must not pass unseen."""

import os
from collections.abc import Generator
from typing import Any

import pytest

IN_CI = bool(os.environ.get("CI"))
ON_POSTGRES = os.environ.get("DATABASE_URL", "").startswith("postgres")
POSTGRES_FOLLOWS = bool(os.environ.get("TEST_POSTGRES_URL"))  # `make test` runs the database's tests there too


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is about one database waits for the run on that one; without PostgreSQL what is about it is skipped."""
    elsewhere = "on_sqlite" if ON_POSTGRES else "on_postgres"
    about_it = [each for each in items if each.get_closest_marker(elsewhere)]
    if ON_POSTGRES or POSTGRES_FOLLOWS:
        config.hook.pytest_deselected(items=about_it)
        items[:] = [each for each in items if each not in about_it]
    else:
        for item in about_it:
            item.add_marker(pytest.mark.skip(reason="needs PostgreSQL: DATABASE_URL=postgres://..."))
    items.sort(key=lambda item: "outside" not in item.path.parts)  # they wait for servers: others run meanwhile


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    return refuse_skip(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    return refuse_skip(report)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Why a test was run again: pytest-rerunfailures names it only."""
    for report in terminalreporter.getreports("rerun"):
        terminalreporter.section(f"run again: {report.nodeid} ({report.when})")
        terminalreporter.write_line(report.longreprtext)


def refuse_skip(report: Any) -> Any:
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"Skipped in CI: {reason}"
    return report
