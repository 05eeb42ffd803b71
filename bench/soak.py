"""200 watches and 20 writers over TLS for a minute: is every watch the journal, byte for byte?

.venv/bin/python -m bench.soak [SECONDS]
"""

import asyncio
import os
import random
import sys
import tempfile
import threading
import time
from pathlib import Path

from bench.wire import APPS, Api, Watch, ca_of, served
from tests import soaking

WATCHES, WRITERS, SECONDS = 200, 20, 60.0
SETTLED_SECONDS = 3.0


def main(arguments: list[str]) -> None:
    seconds = float(arguments[0]) if arguments else SECONDS
    with tempfile.TemporaryDirectory(prefix="rollstage-bench-") as folder, served(Path(folder)) as api:
        watches, writers = asyncio.run(soak(api, seconds))
        os.environ |= {"ROLLSTAGE_DATA": folder, "DJANGO_SETTINGS_MODULE": "rollout_site.settings"}
        sys.exit(compare(watches, writers, seconds))


async def soak(api: Api, seconds: float) -> tuple[dict[Watch, tuple[str, str, int]], list[soaking.Writer]]:
    """Opens half of the watches before the writers start, the others one by one."""
    chance = random.Random(1)
    watches: dict[Watch, tuple[str, str, int]] = {}
    following = []

    async def another() -> None:
        path, query = chance.choice(soaking.WATCHED)
        since = int(
            (await asyncio.to_thread(asking, "GET", f"{APPS}/deployments?limit=1"))[1]["metadata"]["resourceVersion"]
        )
        watch = Watch(api.port, api.token, ca_of(api))
        await watch.open(path, f"resourceVersion={since}&{query}")
        watches[watch] = (path, query, since)
        following.append(asyncio.create_task(watch.follow(whole=True)))

    asking = api.beside()
    for _ in range(WATCHES // 2):
        await another()
    stop = threading.Event()
    writers = [soaking.Writer(api.beside(), seed) for seed in range(WRITERS)]
    threads = [threading.Thread(target=each.run, args=(stop,)) for each in writers]
    for each in threads:
        each.start()
    ends = time.monotonic() + seconds
    for number in range(WATCHES - WATCHES // 2):
        await another()
        await asyncio.sleep(max((ends - time.monotonic()) / (WATCHES // 2 - number), 0))
    stop.set()
    await asyncio.to_thread(lambda: [each.join() for each in threads])
    await settled(watches)
    for watch in watches:
        watch.writer.transport.abort()
    await asyncio.gather(*following)
    return watches, writers


async def settled(watches: dict[Watch, tuple[str, str, int]]) -> None:
    """Waits until nothing has arrived for SETTLED_SECONDS."""
    sizes: list[int] = []
    while sizes != (sizes := [len(each.body) for each in watches]):
        await asyncio.sleep(SETTLED_SECONDS)


def compare(watches: dict[Watch, tuple[str, str, int]], writers: list[soaking.Writer], seconds: float) -> int:
    import django

    django.setup()
    told = {key: soaking.expected(*key) for key in set(watches.values())}
    exact = sum(bytes(watch.body) == told[key] for watch, key in watches.items())
    events = sum(len(soaking.versions(bytes(watch.body))) for watch in watches)
    written = {each for writer in writers for each in writer.done}
    kept = written <= set(soaking.objects(soaking.expected(f"{APPS}/deployments", "", 1)))
    problems = [each for writer in writers for each in writer.problems]
    print(f"{exact} of {len(watches)} watches were the journal byte for byte: {events} events in {seconds:.0f} s")
    print(
        f"{len(written)} writes answered, {'all' if kept else 'NOT all'} of them told; {len(problems)} unexpected answers"
    )
    for each in problems[:5]:
        print(each)
    return 0 if exact == len(watches) and kept and not problems else 1


if __name__ == "__main__":
    main(sys.argv[1:])
