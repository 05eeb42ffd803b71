"""The rules of kube-scheduler's default profile, by plugin (pkg/scheduler/framework/plugins)."""
