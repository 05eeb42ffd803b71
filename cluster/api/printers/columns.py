"""Columns of a Table with functions for their cells, for kinds whose rows depend only on the manifest."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cluster.api.printers.durations import age
from cluster.core import selectors

Json = dict[str, Any]
Cell = Callable[[Json, datetime], Any]
NONE, UNSET, UNKNOWN = "<none>", "<unset>", "<unknown>"
META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """`about`: the description, or (definition, field) whose description is used."""

    name: str
    type: str
    about: str | tuple[str, str]
    cell: Cell
    wide: bool = False

    @property
    def format(self) -> str:
        return "name" if self.name == "Name" else ""


def column(
    name: str, about: str | tuple[str, str], cell: Callable[[Json], Any], *, type: str = "string", wide: bool = False
) -> Column:
    """A column whose cells do not depend on the time."""
    return Column(name=name, type=type, about=about, cell=lambda manifest, now: cell(manifest), wide=wide)  # noqa: ARG005


def path(*names: str, default: Any = "") -> Callable[[Json], Any]:
    """A function that returns the value at a path of fields."""
    return lambda manifest: at(manifest, *names, default=default)


def at(value: Any, *names: str, default: Any = None) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return default if value is None else value


def count(*names: str) -> Callable[[Json], int]:
    return lambda manifest: len(at(manifest, *names, default=()))


def labels(found: Mapping[str, str] | None) -> str:
    """a=1,b=2 in the order of the keys (labels.FormatLabels)."""
    return ",".join(f"{key}={value}" for key, value in sorted((found or {}).items())) or NONE


def selector(found: Json | None) -> str:
    """metav1.FormatLabelSelector."""
    return selectors.text(found or {}) or NONE


def more(shown: Sequence[str], total: int, longest: int) -> str:
    """The first few, and the number of the others."""
    text = ",".join(shown[:longest])
    return f"{text} + {total - longest} more..." if total > longest else text


def containers_of(*template: str) -> tuple[Column, Column]:
    """The wide columns for a kind with a pod template; `template`: the path of the pod spec."""
    names = column("Containers", "Names of each container in the template.", joined(template, "name"), wide=True)
    images = column(
        "Images", "Images referenced by each container in the template.", joined(template, "image"), wide=True
    )
    return names, images


def joined(template: Iterable[str], field: str) -> Callable[[Json], str]:
    return lambda manifest: ",".join(
        each.get(field) or "" for each in at(manifest, *template, "containers", default=())
    )


NAME = column("Name", (META, "name"), path("metadata", "name"))
AGE = Column(name="Age", type="string", about=(META, "creationTimestamp"), cell=age)
CREATED = column("Created At", (META, "creationTimestamp"), path("metadata", "creationTimestamp"), type="date")
DEFAULT = (NAME, CREATED)
