"""Chaos on a team server with its own PostgreSQL and Redis: processes killed with kill -9, PostgreSQL restarted as after a power
failure, Redis killed, processes frozen, while rollouts run in all clusters. At the end every rollout is complete, no journal has
a gap or a contradiction, and every follower has received exactly the journal.

    .venv/bin/python -m bench.chaos [KILLS] [CLUSTERS] [SEED]
"""

import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.outside import chaos, servers

KILLS, CLUSTERS, SEED = 300, 30, 1
FOLLOWED = 5
PAUSE_SECONDS = 1.0
SETTLE_SECONDS = 300.0


def main(arguments: list[str]) -> None:
    given = [int(each) for each in arguments]
    kills, clusters, seed = [*given, *(KILLS, CLUSTERS, SEED)[len(given) :]]
    if not servers.CAN_RUN:
        sys.exit("Chaos needs PostgreSQL's and Redis' programs (on Debian: apt-get install postgresql redis-server).")
    folder = Path(tempfile.mkdtemp(prefix="rollstage-chaos-"))
    try:
        sys.exit(suffer(folder, kills, clusters, seed))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def suffer(folder: Path, kills: int, clusters: int, seed: int) -> int:
    with chaos.team(folder, clusters=clusters, webs=2, workers=2, with_redis=True) as team:
        followers = [make(team, each) for each in team.clusters[:FOLLOWED] for make in (chaos.Viewer, chaos.Watcher)]
        began = time.monotonic()
        chaos.run(team, kills=kills, pause_seconds=PAUSE_SECONDS, followers=followers, chance=random.Random(seed))
        print(f"{kills} kills over {clusters} clusters in {time.monotonic() - began:.0f} s", flush=True)
        chaos.settle(team, followers, SETTLE_SECONDS)
        found = chaos.violations(team, followers)
        told = sum(len(each.seen) for each in followers)
        print(f"{told} changes told to {len(followers)} followers; {len(found)} violations", *found, sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    main(sys.argv[1:])
