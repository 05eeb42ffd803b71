"""Which pod is scheduled next, and what wakes a pod that found no node (pkg/scheduler/backend/queue)."""
