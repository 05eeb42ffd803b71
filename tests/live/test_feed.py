"""The feed: every viewer gets every change once and in order, however slow, late or broken it or another is."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from cluster import models
from cluster.live import feed as feeds
from cluster.live import follower
from cluster.live.feed import MOST_UNACKNOWLEDGED, Feed
from cluster.records import journal
from cluster.records.threads import in_thread
from tests.spaces import DEFAULT, space
from tests.viewing import Screen, another_namespace, assert_without_gap, grow, until

pytestmark = pytest.mark.usefixtures("committed")
Join = Callable[..., Awaitable[Screen]]


class DeafFeed(Feed):
    """Nobody rings its bell but the tests."""

    async def listen(self) -> None:
        await asyncio.Event().wait()


@pytest.fixture
async def feed() -> AsyncIterator[Feed]:
    made = DeafFeed(DEFAULT)
    yield made
    for task in made.tasks:
        task.cancel()


@pytest.fixture
def join(feed: Feed) -> Join:
    async def joined(since: int | None = None) -> Screen:
        screen = Screen()
        await feed.join(screen.viewer, since)
        return screen

    return joined


async def test_a_snapshot_first_then_every_change_without_a_gap(feed: Feed, join: Join) -> None:
    start = await grow(3)
    screen = await join()
    for count in (1, 4, 2):
        head = await grow(count)
        feed.bell.set()
        await until(lambda head=head: screen.newest == head)  # type: ignore[misc]
        screen.acknowledge(feed)
    assert [each["type"] for each in screen.frames] == ["snapshot", "changes", "changes", "changes"]
    assert screen.frames[0]["rv"] == start
    assert screen.seen == list(range(start + 1, head + 1))
    assert_without_gap(screen.frames)


async def test_who_resumes_gets_what_it_missed_and_nothing_twice(feed: Feed, join: Join) -> None:
    await grow(10)
    screen = await join(since=4)
    assert (screen.frames[0]["type"], screen.frames[0]["from"], screen.frames[0]["to"]) == ("changes", 4, 10)
    head = await grow(2)
    feed.bell.set()
    await until(lambda: screen.newest == head)
    assert screen.seen == list(range(5, head + 1))


@pytest.mark.parametrize(
    ("since", "first"),
    [
        pytest.param(3, "snapshot", id="older than the journal keeps"),
        pytest.param(6, "changes", id="the oldest that can be resumed"),
        pytest.param(10, "changes", id="up to date"),
        pytest.param(11, "snapshot", id="of a journal that was begun anew"),
    ],
)
async def test_what_the_journal_does_not_know_is_a_snapshot(join: Join, since: int, first: str) -> None:
    await grow(10)
    await in_thread(compact_to, 4)
    screen = await join(since=since)
    assert screen.frames[0]["type"] == first
    assert screen.newest == 10


def compact_to(keep: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journal, "KEEP_CHANGES", keep)
        journal.compact(time.time())


async def test_a_first_viewer_from_the_future_still_follows(feed: Feed, join: Join) -> None:
    await grow(1)
    screen = await join(since=1_000)
    head = await grow(1)
    feed.bell.set()
    await until(lambda: screen.newest == head)


async def test_a_stalled_viewer_is_sent_little_and_loses_nothing(feed: Feed, join: Join) -> None:
    stalled, lively = await join(), await join()
    for _ in range(20):
        head = await grow(500)
        feed.bell.set()
        await until(lambda head=head: lively.newest == head)  # type: ignore[misc]
        lively.acknowledge(feed)
    assert len(stalled.frames) == MOST_UNACKNOWLEDGED
    assert lively.seen == list(range(1, 10_001))
    stalled.acknowledge(feed)
    await until(lambda: stalled.newest == head)
    assert len(stalled.frames) == MOST_UNACKNOWLEDGED + 1
    assert stalled.frames[-1]["type"] == "snapshot", "6,000 changes are more than a frame holds"
    assert_without_gap(stalled.frames)


async def test_a_viewer_that_wakes_gets_what_it_missed_in_one_frame(feed: Feed, join: Join) -> None:
    stalled, lively = await join(), await join()
    for _ in range(20):
        head = await grow(5)
        feed.bell.set()
        await until(lambda head=head: lively.newest == head)  # type: ignore[misc]
        lively.acknowledge(feed)
    stalled.acknowledge(feed)
    await until(lambda: stalled.newest == head)
    assert stalled.seen == lively.seen == list(range(1, 101))
    assert [each["type"] for each in stalled.frames] == ["snapshot", *["changes"] * MOST_UNACKNOWLEDGED]


async def test_an_acknowledgement_frees_only_the_frames_it_names(feed: Feed, join: Join) -> None:
    slow, lively = await join(), await join()
    for _ in range(8):
        head = await grow(1)
        feed.bell.set()
        await until(lambda head=head: lively.newest == head)  # type: ignore[misc]
        lively.acknowledge(feed)
        feed.acknowledged(slow.viewer, 0)  # the snapshot, again and again
    assert len(slow.frames) == MOST_UNACKNOWLEDGED + 1


async def test_a_change_while_a_viewer_joins_is_not_missed(feed: Feed, join: Join) -> None:
    """The head moves between the viewer's snapshot and its joining; then nothing more happens."""
    first = await join()
    late = Screen()

    async def meanwhile() -> None:
        head = await grow(1)
        feed.bell.set()
        await until(lambda: first.newest == head)

    late.before_send = meanwhile
    await feed.join(late.viewer, None)
    await until(lambda: late.newest == 1)
    assert late.seen == [1]
    assert_without_gap(late.frames)


async def test_acknowledgements_amid_changes_repeat_nothing(feed: Feed, join: Join) -> None:
    screens = [await join() for _ in range(3)]
    for _ in range(40):
        head = await grow(3)
        feed.bell.set()
        for screen in screens:
            screen.acknowledge(feed)
        await asyncio.sleep(0)
    for screen in screens:
        while screen.newest < head:
            screen.acknowledge(feed)
            await asyncio.sleep(0.005)
        assert screen.seen == list(range(1, head + 1))
        assert_without_gap(screen.frames)


async def test_all_viewers_share_one_text(feed: Feed, join: Join) -> None:
    screens = [await join() for _ in range(5)]
    head = await grow(10)
    feed.bell.set()
    await until(lambda: all(each.newest == head for each in screens))
    texts = {id(text) for each in screens for text in each.texts if '"changes"' in text}
    assert len(texts) == 1


async def test_who_was_behind_shares_again_once_it_has_caught_up(feed: Feed, join: Join) -> None:
    await grow(5)
    screens = [await join(since=since) for since in (5, 3, 0)]
    for count in (2, 3):
        head = await grow(count)
        feed.bell.set()
        await until(lambda head=head: all(each.newest == head for each in screens))  # type: ignore[misc]
    assert len({id(each.texts[-1]) for each in screens}) == 1


async def test_a_broken_viewer_disturbs_nobody(feed: Feed, join: Join) -> None:
    broken, sound = await join(), await join()
    broken.broken = True
    head = await grow(1)
    feed.bell.set()
    await until(lambda: sound.newest == head)
    assert broken.dismissed == [None], "its socket is closed, so that it comes again"
    newcomer = await join()
    await until(lambda: presences(newcomer)[-1:] == ['{"type":"presence","viewers":2}'])


async def test_a_broken_viewer_does_not_keep_others_from_joining(join: Join) -> None:
    broken = await join()
    broken.broken = True
    newcomer = await join()
    assert newcomer.newest == 0


async def test_a_catch_up_that_fails_is_not_a_silent_stop(
    feed: Feed, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database fails while one viewer is caught up: its socket is closed rather than left without news."""
    stalled = await join()
    for _ in range(MOST_UNACKNOWLEDGED + 1):
        head = await grow(1)
        feed.bell.set()
        await until(lambda head=head: feed.head == head)  # type: ignore[misc]
    assert stalled.viewer.is_behind
    read = feed.read_changes

    def failing(since: int, upto: int | None, of: int | None) -> feeds.Frame | None:
        if upto is not None:
            raise OSError("the database is away")
        return read(since, upto, of)

    monkeypatch.setattr(feed, "read_changes", failing)
    stalled.acknowledge(feed)
    await until(lambda: stalled.dismissed == [None])


async def test_who_come_at_once_share_one_snapshot(feed: Feed, join: Join, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "SHARED_SECONDS", 60.0)
    reads: list[int] = []
    read = feed.read_snapshot
    monkeypatch.setattr(feed, "read_snapshot", lambda: (reads.append(1), read())[1])
    first = await join()
    head = await grow(2)
    others = await asyncio.gather(*(join() for _ in range(5)))
    await until(lambda: all(each.newest == head for each in (first, *others)))
    assert len(reads) == 1
    assert all(each.seen == [1, 2] for each in (first, *others))
    feed.forget_snapshot()
    assert (await join()).frames[0]["rv"] == head


async def test_who_is_behind_gets_no_snapshot_from_before(
    feed: Feed, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The journal has forgotten what the viewer lacks, and the shared snapshot was read before that."""
    monkeypatch.setattr(feeds, "SHARED_SECONDS", 60.0)
    screen = await join()
    await in_thread(lambda: models.Cluster.objects.update(tail=3))  # first, as the feed may look at once
    head = await grow(3)
    feed.bell.set()
    await until(lambda: screen.newest == head)
    assert [each["rv"] for each in screen.frames if each["type"] == "snapshot"] == [0, head]


async def test_a_snapshot_of_a_cluster_that_is_gone_is_followed_by_one_of_that_which_has_its_name(
    feed: Feed, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await join()
    read = feed.read_snapshot

    def older() -> tuple[feeds.Encoded, feeds.Frame]:
        _, frame = read()
        frame |= {"cluster": frame["cluster"] + 1, "rv": 1000}
        return feeds.Encoded(frame), frame

    feed.forget_snapshot()
    monkeypatch.setattr(feed, "read_snapshot", older)
    late = await join()
    monkeypatch.setattr(feed, "read_snapshot", read)
    feed.forget_snapshot()
    head = await grow(1)
    feed.bell.set()
    await until(lambda: late.newest == first.newest == head)


async def test_a_snapshot_that_fails_is_read_again_for_who_comes_next(feed: Feed, join: Join) -> None:
    def failing() -> tuple[feeds.Encoded, feeds.Frame]:
        raise OSError("the database is away")

    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(feed, "read_snapshot", failing)
        with pytest.raises(OSError, match="away"):
            await join()
    assert (await join()).newest == 0


async def test_presence_counts_who_comes_and_goes(feed: Feed, join: Join, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "PRESENCE_SECONDS", 0.0)
    first, second = await join(), await join()
    await until(lambda: presences(first)[-1:] == ['{"type":"presence","viewers":2}'])
    await feed.leave(second.viewer)
    await until(lambda: presences(first)[-1] == '{"type":"presence","viewers":1}')


async def test_many_who_come_at_once_are_told_of_once(join: Join, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "PRESENCE_SECONDS", 0.2)
    monkeypatch.setattr(follower, "POLL_SECONDS", 0.05)
    first = await join()
    await until(lambda: bool(presences(first)))
    others = [await join() for _ in range(20)]
    await until(lambda: all(presences(each)[-1:] == ['{"type":"presence","viewers":21}'] for each in [first, *others]))
    assert len(presences(first)) < 10


def presences(screen: Screen) -> list[str]:
    return [text for text in screen.texts if "presence" in text]


async def test_presence_is_not_told_where_other_processes_have_viewers_too(join: Join, settings: Any) -> None:
    settings.HAS_OTHER_SERVERS = True
    first, _ = await join(), await join()
    assert [text for text in first.texts if "presence" in text] == []


async def test_a_lost_doorbell_costs_a_poll(join: Join, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follower, "POLL_SECONDS", 0.05)
    screen = await join()
    head = await grow(2)
    await until(lambda: screen.newest == head)
    assert screen.seen == [1, 2]


async def test_namespaces_do_not_see_each_other(feed: Feed, join: Join) -> None:
    await in_thread(another_namespace, "other")
    here, there, other = await join(), Screen(), DeafFeed(space("other"))
    await other.join(there.viewer, None)
    try:
        await grow(3, "other")
        head = await grow(1)
        feed.bell.set()
        other.bell.set()
        await until(lambda: here.newest == head and there.newest == 3)
    finally:
        await other.leave(there.viewer)
    assert (here.seen, there.seen) == ([4], [1, 2, 3])
    assert there.frames[0]["rv"] == 0


async def test_the_last_to_leave_stops_the_feed_and_the_next_starts_it(feed: Feed, join: Join) -> None:
    screen = await join()
    tasks = list(feed.tasks)
    await feed.leave(screen.viewer)
    assert feed.tasks == []
    await grow(5)
    late = await join()
    await until(lambda: len(tasks) == 2 and all(each.cancelled() for each in tasks))
    head = await grow(1)
    feed.bell.set()
    await until(lambda: late.newest == head)
    assert late.seen == [6]


async def test_viewers_of_a_deleted_namespace_are_told(feed: Feed, join: Join) -> None:
    screen = await join()
    await in_thread(models.Namespace.objects.all().delete)
    feed.bell.set()
    await until(lambda: screen.dismissed == ['namespaces "default" not found'])
