"""What a namespace allows: ResourceQuota and LimitRange, asked before a pod is made, and PodDisruptionBudget, asked before a pod is
evicted. `rules.Rules` holds those of a cluster; namespaces without any cost nothing."""
