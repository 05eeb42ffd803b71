"""A pod in kubectl's words (pkg/printers/internalversion/printers.go, printPod)."""

from cluster.core.objects import Pod


def status_word(pod: Pod) -> str:
    """The STATUS column."""
    if pod.deleted_at is not None:
        return "Terminating"
    return pod.reason or {"Succeeded": "Completed", "Failed": "Error"}.get(pod.phase, pod.phase)


def ready_text(pod: Pod, containers: int) -> str:
    """The READY column: 1/1."""
    return f"{containers if pod.ready else 0}/{containers}"
