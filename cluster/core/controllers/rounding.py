"""Numbers and percentages of a rolling update (apimachinery pkg/util/intstr, deployment_util.ResolveFenceposts)."""

from cluster.core.objects import IntOrPercent


def scaled(value: IntOrPercent, total: int, *, round_up: bool) -> int:
    """A number as it is, a percentage of `total` rounded up or down. Raises ValueError for any other text."""
    if isinstance(value, int):
        return value
    if not (value.endswith("%") and value[:-1].isdecimal()):
        raise ValueError(f"invalid value for IntOrString: {value!r} is neither a number nor a percentage")
    product = int(value[:-1]) * total
    return -(-product // 100) if round_up else product // 100


def resolve_fenceposts(max_surge: IntOrPercent, max_unavailable: IntOrPercent, desired: int) -> tuple[int, int]:
    """(surge, unavailable) in pods: surge rounds up, unavailable down; if both come to 0, one pod may be unavailable."""
    surge = scaled(max_surge, desired, round_up=True)
    unavailable = scaled(max_unavailable, desired, round_up=False)
    if surge == 0 and unavailable == 0:
        return 0, 1
    return surge, unavailable
