"""The columns of kept kinds (pkg/printers/internalversion/printers.go), by resource: "services", "jobs.batch"."""

from collections.abc import Mapping

from cluster.api.printers.columns import Column
from cluster.api.printers.kept import networking, policies, storage, workloads

COLUMNS: Mapping[str, tuple[Column, ...]] = {
    **workloads.COLUMNS,
    **networking.COLUMNS,
    **storage.COLUMNS,
    **policies.COLUMNS,
}
