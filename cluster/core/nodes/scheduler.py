"""The scheduler, simplified: a pod goes to the node with the most free slots (events: pkg/scheduler/schedule_one.go)."""

import heapq
from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from cluster.core.copying import changed
from cluster.core.objects import Change, Event, Explanation, Node, Pod, Update
from cluster.core.state import State

SOURCE = "default-scheduler"
RETRY_SECONDS = 10.0


def schedule(state: State, now: float, due: Iterable[Pod]) -> list[Change]:
    """Binds what is due and unscheduled; what finds no room waits and is tried again."""
    waiting = [pod for pod in due if pod.stage == "unscheduled"]
    if not waiting:
        return []
    free = [(node.pods - node.slots, node.name) for node in state.nodes.values() if has_room(node)]
    heapq.heapify(free)
    changes: list[Change] = []
    bound: dict[str, int] = {}
    for pod in waiting:
        if not free:
            changes += refuse(pod, state, now)
            continue
        taken, name = heapq.heappop(free)
        changes += bind(pod, name, now)
        bound[name] = bound.get(name, 0) + 1
        if taken + 1 < 0:
            heapq.heappush(free, (taken + 1, name))
    return changes + [with_pods(state.nodes[name], count) for name, count in bound.items()]


def has_room(node: Node) -> bool:
    return not node.unschedulable and node.pods < node.slots


def with_pods(node: Node, more: int) -> Update:
    return Update(object=replace(node, pods=node.pods + more))


def bind(pod: Pod, node: str, now: float) -> list[Change]:
    message = f"Successfully assigned {pod.namespace}/{pod.name} to {node}"
    bound = changed(pod, node=node, stage="scheduled", reason="ContainerCreating", message="", next_at=now, attempts=0)
    return [Update(object=bound), event(pod, "Normal", "Scheduled", message)]


def refuse(pod: Pod, state: State, now: float) -> list[Change]:
    message = no_room(state)
    why = Explanation(rule="no-room", inputs={"nodes": len(state.nodes)}, text="No node has a free pod slot")
    waiting = changed(pod, message=message, next_at=now + RETRY_SECONDS, attempts=pod.attempts + 1)
    return [Update(object=waiting, why=why), event(pod, "Warning", "FailedScheduling", message)]


def no_room(state: State) -> str:
    total = len(state.nodes)
    cordoned = sum(node.unschedulable for node in state.nodes.values())
    full = total - cordoned
    reasons = [f"{cordoned} node(s) were unschedulable"] if cordoned else []
    reasons += [f"{full} Too many pods"] if full else []
    listed = ", ".join(reasons) or "no nodes available to schedule pods"
    helpless = [f"{full} No preemption victims found for incoming pod"] if full else []
    helpless += [f"{cordoned} Preemption is not helpful for scheduling"] if cordoned else []
    preemption = f"preemption: 0/{total} nodes are available: {', '.join(helpless)}."
    return f"0/{total} nodes are available: {listed}. {preemption}"


def event(pod: Pod, kind: Literal["Normal", "Warning"], reason: str, message: str) -> Event:
    return Event(kind="Pod", uid=pod.uid, name=pod.name, type=kind, reason=reason, message=message, source=SOURCE)
