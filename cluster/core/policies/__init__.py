"""The rules of a namespace: ResourceQuota and LimitRange, checked before a pod is created, and PodDisruptionBudget, checked
before a pod is evicted. `rules.Rules` has those of a cluster; namespaces without any cost nothing."""
