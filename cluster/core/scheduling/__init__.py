"""The scheduler: kube-scheduler 1.36 with its default profile, as values. No clock, no chance, nothing stored.

PodSelector calls what:

- `Cluster` is the state: one for each simulated cluster, kept from pass to pass. The owner tells what happens in the
  cluster: `put_node(read_node(manifest))`, `remove_node`, `add_pod` (bound, or changed: labels, terminating), `remove_pod`,
  `put_namespace` (labels, for namespace selectors). Each costs what it changes.
- `cluster.specs.read(spec, namespace, labels, spread_with)` reads a pod's spec; the same spec object is read once. It is the
  `spec` of a `PodInfo`. `spread_with` is `default_selector(the controller's selector, the services' selectors)`.
- `Queue` has the pods that wait: `add` (new, or changed), `remove`, `on_event` for what happens in the cluster;
  `next_due()` is when to look again. `run_due(cluster, queue, now, violating)` (in `queueing.cycles`) takes the pods that are
  due and answers what to do: bind a pod that is `Placed`; of one that is `Unschedulable` tell the `message` and delete the
  `victims`. `violating` is `within(the disruption budgets)`. Cluster and queue are up to date then.
- `schedule(cluster, pod, violating)` is one decision alone; it changes nothing.
- Pods that have succeeded or failed take no room: `remove_pod`. A pod that is being deleted stays, with `is_terminating`
  (and `is_preempted`, if it was a victim), until it is gone.
- `priority.admit` gives a new pod's spec the priority of its PriorityClass; that is the spec to read.
- `evictions` (in `taints`) for NoExecute taints; `default_allocatable` and `read_node` (in `nodes`) for what a node offers;
  `describe` for the tables of `kubectl describe node`.

Layers: labels, resources, taints; pods; nodes; counting; snapshot; plugins; evaluation; preemption; schedule; queueing (beside schedule).

Upstream chooses among equal nodes by chance and samples large clusters; here the pod's uid chooses, and all nodes are seen.
Volumes, resource claims and pod groups have no plugin here.
"""
