"""The scheduler: kube-scheduler 1.36 with its default profile, as values. No clock, no randomness, nothing stored.

- `Scheduler` (scheduler.py) belongs to a State and follows its changes; `run` decides on the pods that are due.
- `Cache` (cache.py) has the nodes with their pods, and what is computed from them; a change costs only what it affects.
- `Queue` (queueing) has the pods that wait; `hints` say which events may help them; `cycles.run_due` schedules them in turn.
- `schedule` is one decision: filter, score, choose a node; or find the reasons and the pods to preempt. It changes nothing.
- `priority.admit` gives a new pod's spec the priority of its PriorityClass.

Layers: labels, resources, taints; pods; nodes; counting; snapshot; plugins; evaluation; cache; preemption; schedule; queueing;
scheduler. `core/nodes/scheduler.py` turns the decisions into bindings, events and conditions.

Upstream chooses among equal nodes at random and samples large clusters; here the pod's uid decides, and all nodes are considered.
Resource claims and pod groups have no plugin here; of volumes only the existence of their claims is checked.
"""
