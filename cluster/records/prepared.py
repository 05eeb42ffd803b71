"""Queries whose SQL is compiled once. Django takes several times as long to compile a small query as the database to run it, so
the queries of each request and each pass are prepared here; rows become objects or tuples in Django's own way."""

import copy
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from django.db import connections, models, router

Adapt = Callable[[Any], Any]
# Stand-ins for values in a query's parameters, by type: no query has an equal value of its own.
STAND_INS: dict[type, Callable[[int], Any]] = {
    str: lambda place: f"the value at place {place}",
    int: lambda place: 1_900_000_000 + place,
    float: lambda place: 1_900_000_000.5 + place,
    datetime: lambda place: datetime(2100, 1, 1, 0, 0, place, tzinfo=UTC),
}


class Prepared:
    """A query with parameters: `make` is called with a stand-in for each of `types` (str, int, float or datetime), and returns
    the query set. Everything else in the query must stay the same while the process lives."""

    def __init__(self, make: Callable[..., Any], *types: type) -> None:
        self.make, self.types = make, types
        self.made: Made | None = None
        self.lock = Lock()

    def __call__(self, *values: Any) -> list[Any]:
        """The rows, as the query set yields them; `values` in the order of `types`."""
        return list(self.ready().rows(values))

    def first(self, *values: Any) -> Any:
        """The first row or None. The query set itself sets the limit, if many rows may be found."""
        return next(self.ready().rows(values), None)

    def ready(self) -> "Made":
        if self.made is None:
            with self.lock:
                self.made = self.made or Made(self.make, self.types)
        return self.made


class Made:
    """A query set's compiled SQL, with the positions of its parameters."""

    def __init__(self, make: Callable[..., Any], types: tuple[type, ...]) -> None:
        stand_ins = [STAND_INS[each](place) for place, each in enumerate(types)]
        self.queryset = make(*stand_ins)
        self.database = self.queryset.db
        self.compiler = self.queryset.query.get_compiler(using=self.database)
        self.sql, self.params = self.compiler.as_sql()
        self.converters = self.compiler.get_converters([each for each, *_ in self.compiler.select])
        operations = self.compiler.connection.ops
        told = [operations.adapt_datetimefield_value(e) if isinstance(e, datetime) else e for e in stand_ins]
        self.places: list[tuple[int, int, Adapt]] = []  # (index of the parameter, index of its value, conversion)
        for place, param in enumerate(self.params):
            if param in told:
                value = told.index(param)
                adapt = operations.adapt_datetimefield_value if types[value] is datetime else type(param)
                self.places.append((place, value, adapt))
        if {value for _, value, _ in self.places} != set(range(len(types))):
            raise TypeError(f"not every place is a parameter of {self.sql}")

    def rows(self, values: tuple[Any, ...]) -> Iterator[Any]:
        params = list(self.params)
        for place, value, adapt in self.places:
            params[place] = adapt(values[value])
        compiler = copy.copy(self.compiler)
        compiler.connection = connections[self.database]
        compiler.as_sql = lambda *_, **__: (self.sql, tuple(params))
        compiler.get_converters = lambda _: self.converters
        return iter(self.queryset._iterable_class(Standing(self.queryset, compiler)))


class Standing:
    """Stands in for a query set and its query, with the attributes that Django's iterables use."""

    def __init__(self, queryset: Any, compiler: Any) -> None:
        self.db, self.compiler = queryset.db, compiler
        self._known_related_objects = queryset._known_related_objects
        self.query = self

    def get_compiler(self, using: str) -> Any:  # noqa: ARG002 Django names it
        return self.compiler


def type_of(value: Any) -> type:
    """The type in STAND_INS of which the value is an instance: some strings are of a subclass."""
    return next(each for each in STAND_INS if isinstance(value, each))


_lookups: dict[tuple[Any, ...], Prepared] = {}


def lookup(model: type[models.Model], *related: str, **where: Any) -> list[Any]:
    """model.objects.filter(**where).select_related(*related), prepared. The values are strings and integers."""
    key = (model, related, *where)
    found = _lookups.get(key)
    if found is None:
        names = tuple(where)

        def make(*values: Any) -> Any:
            rows: Any = model._default_manager.filter(**dict(zip(names, values, strict=True)))
            return rows.select_related(*related) if related else rows

        found = _lookups.setdefault(key, Prepared(make, *map(type_of, where.values())))
    return found(*where.values())


def update_row(row: models.Model, **values: float | None) -> None:
    """Sets numeric columns of the row in the database; the object is not changed."""
    names = ", ".join(f"{name} = %s" for name in values)
    with connections[router.db_for_write(type(row))].cursor() as cursor:
        cursor.execute(
            f"UPDATE {row._meta.db_table} SET {names} WHERE {row._meta.pk.column} = %s", [*values.values(), row.pk]
        )
