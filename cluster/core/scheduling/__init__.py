"""The scheduler: kube-scheduler 1.36 with its default profile, as values. No clock, no chance, nothing stored.

- `Scheduler` (scheduler.py) belongs to a State and follows its changes; `run` decides on the pods that are due.
- `Cache` (cache.py) has the nodes with their pods, and what was worked out from them; each change costs what it changes.
- `Queue` (queueing) has the pods that wait; `hints` say which events may help them; `cycles.run_due` takes them in turn.
- `schedule` is one decision: filter, score, choose; or say why not, and find whom to preempt. It changes nothing.
- `priority.admit` gives a new pod's spec the priority of its PriorityClass.

Layers: labels, resources, taints; pods; nodes; counting; snapshot; plugins; evaluation; cache; preemption; schedule; queueing;
scheduler. What the decisions become (bindings, events, conditions) is in `core/nodes/scheduler.py`.

Upstream chooses among equal nodes by chance and samples large clusters; here the pod's uid chooses, and all nodes are seen.
Resource claims and pod groups have no plugin here; of volumes only whether their claims exist.
"""
