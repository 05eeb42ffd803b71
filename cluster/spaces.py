"""Names of places: a namespace of a cluster."""

from typing import NamedTuple

DEFAULT_CLUSTER = "demo"


class Space(NamedTuple):
    """A namespace of a cluster, by their names."""

    cluster: str
    namespace: str
