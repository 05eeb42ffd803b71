"""Journal -> the requests on each node, for viewers of a Deployment by node. One feed per cluster and process keeps the sums;
each viewer is sent the nodes whose sums have changed for its Deployment since its last frame."""

import contextlib
import logging
from typing import Any

from cluster.core.scheduling.requested import Amount
from cluster.live.feed import Dismiss, Encoded, Frame, Send, Viewer
from cluster.live.follower import Follower
from cluster.records import requested
from cluster.records.requested import BUDGET, Known, News, Stale
from cluster.records.threads import in_thread
from cluster.spaces import Space
from cluster.statuses import Refused

log = logging.getLogger(__name__)

About = tuple[dict[str, Amount], list[dict[str, Any]]]  # what a pod of each ReplicaSet requests, budgets
ASKING = {"Deployment", "ReplicaSet", BUDGET}


class NodesViewer(Viewer):
    """One socket. `touched`: the nodes it has not been sent; `is_new`: it has not been sent any yet; `is_asking`: its
    Deployment's requests, or a budget, may have changed."""

    def __init__(self, send: Send, dismiss: Dismiss, space: Space, deployment: str) -> None:
        super().__init__(send, dismiss)
        self.space, self.deployment = space, deployment
        self.touched: set[str] = set()
        self.is_new = self.is_asking = True
        self.asks: dict[str, Amount] = {}
        self.budgets: list[dict[str, Any]] = []

    def hear(self, news: News) -> None:
        self.touched |= news.nodes
        self.is_asking = self.is_asking or bool(news.kinds & ASKING)

    def begin_anew(self) -> None:
        self.is_new = self.is_asking = True
        self.touched.clear()

    def next_frame(self, known: Known, about: About | None) -> Frame | None:
        """All that this viewer has not been sent; None where there is nothing."""
        frame: Frame = {"all": True} if self.is_new else {}
        if about is not None:
            frame |= self._take(known, *about)
        names = known.nodes.keys() if self.is_new else self.touched
        rows = [row(known, name, self.asks) for name in sorted(names & known.nodes.keys())]
        gone = sorted(self.touched - known.nodes.keys())
        frame |= {key: value for key, value in (("nodes", rows), ("gone", gone)) if value}
        self.touched, self.is_new, self.is_asking = set(), False, False
        return {"type": "nodes", "rv": known.rv, **frame} if frame else None

    def _take(self, known: Known, asks: dict[str, Amount], budgets: list[dict[str, Any]]) -> Frame:
        """The requests and budgets that changed. Nodes with pods of a ReplicaSet that joined or left the Deployment are sent
        again."""
        self.touched |= known.requested.nodes_of(asks.keys() ^ self.asks.keys())
        frame: Frame = {}
        if asks != self.asks or self.is_new:
            self.asks, frame["asks"] = asks, in_lists(asks)
        if budgets != self.budgets or self.is_new:
            self.budgets = frame["budgets"] = budgets
        return frame


def row(known: Known, name: str, owners: dict[str, Amount]) -> dict[str, Any]:
    own, others = known.requested.of(name, owners)
    return {**known.nodes[name], "others": list(others), **({"own": in_lists(own)} if own else {})}


def in_lists(amounts: dict[str, Amount]) -> dict[str, list[int]]:
    """The amounts as JSON lists."""
    return {owner: list(amount) for owner, amount in amounts.items()}


class NodesFeed(Follower):
    """Sends a cluster's nodes to their viewers. Only the task that follows the journal sends frames. Its memory is kept while
    there are viewers."""

    def __init__(self, cluster: str) -> None:
        super().__init__(cluster, f"the nodes of {cluster}")
        self.known: Known | None = None
        self.viewers: set[NodesViewer] = set()

    async def join(self, viewer: NodesViewer) -> None:
        self.viewers.add(viewer)
        if not self.tasks:
            self.begin(0)
        self.bell.set()

    async def leave(self, viewer: NodesViewer) -> None:
        self.viewers.discard(viewer)
        if not self.viewers:
            self.end()
            if feeds.get(self.cluster) is self:
                del feeds[self.cluster]

    def acknowledged(self, viewer: NodesViewer, rv: int) -> None:
        viewer.acknowledge(rv)
        self.bell.set()

    async def look(self) -> None:
        try:
            news = await in_thread(self.read)
        except Refused as refused:
            for viewer in list(self.viewers):
                await self.drop(viewer, str(refused))
            return
        abouts: dict[tuple[Space, str], About] = {}
        for viewer in list(self.viewers):
            if news is None:
                viewer.begin_anew()
            else:
                viewer.hear(news)
            try:
                await self.serve(viewer, abouts)
            except Exception:
                log.exception("A viewer of %s could not be served; it may come again", self.about)
                await self.drop(viewer, None)

    def read(self) -> News | None:
        """What has changed since the last read; None where everything may have changed. All is loaded again after a failed
        read."""
        known, self.known = self.known, None
        if known is not None:
            with contextlib.suppress(Stale):
                news = requested.catch_up(self.cluster, known)
                self.known = known
                return news
        self.known = requested.load(self.cluster)
        return None

    async def serve(self, viewer: NodesViewer, abouts: dict[tuple[Space, str], About]) -> None:
        known = self.known
        if known is None or viewer.is_behind:
            return
        key = (viewer.space, viewer.deployment)
        if viewer.is_asking and key not in abouts:
            abouts[key] = await in_thread(about, *key)
        frame = viewer.next_frame(known, abouts[key] if viewer.is_asking else None)
        if frame:
            await viewer.hand(Encoded(frame), known.rv)

    async def drop(self, viewer: NodesViewer, reason: str | None) -> None:
        self.viewers.discard(viewer)
        await viewer.dismiss(reason)


def about(space: Space, deployment: str) -> About:
    return requested.asks(space, deployment), requested.budgets_of(space, deployment)


feeds: dict[str, NodesFeed] = {}


def nodes_feed_of(cluster: str) -> NodesFeed:
    return feeds.setdefault(cluster, NodesFeed(cluster))
