"""Which pod is scheduled next, and which events queue a pod again that found no node (pkg/scheduler/backend/queue)."""
