"""Validation of objects before they are stored: all errors at once, in upstream's words.

`apps` and `pods` are the entry points, the other modules have the details; `decoding` rejects what can't be decoded. Texts follow
today's Kubernetes, except where the recordings of 1.20 in `tests/golden` differ: they count lengths in characters.
"""

from cluster.core.manifests.decoding import decoding_status as decoding_status
from cluster.core.validation.apps import validate_deployment as validate_deployment
from cluster.core.validation.apps import validate_replicaset as validate_replicaset
from cluster.core.validation.apps import validate_scale as validate_scale
from cluster.core.validation.apps import validate_update as validate_update
from cluster.core.validation.errors import FieldError as FieldError
from cluster.core.validation.errors import duplicate as duplicate
from cluster.core.validation.errors import forbidden as forbidden
from cluster.core.validation.errors import go as go
from cluster.core.validation.errors import invalid as invalid
from cluster.core.validation.errors import not_found as not_found
from cluster.core.validation.errors import required as required
from cluster.core.validation.errors import status as status
from cluster.core.validation.errors import unsupported as unsupported
from cluster.core.validation.pods import validate_pod as validate_pod
from cluster.core.validation.statuses import validate_deployment_status as validate_deployment_status
from cluster.core.validation.statuses import validate_replicaset_status as validate_replicaset_status
from cluster.core.validation.statuses import validate_rollback as validate_rollback
