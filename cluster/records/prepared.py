"""Queries whose SQL is compiled once. Django takes several times as long to compile a small query, and to prepare the reading of
its rows, as the database to run it, so the queries of each request and each pass are prepared here. Rows become objects or tuples,
as in the query set."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from threading import Lock
from typing import Any

from django.db import connections, models, router
from django.db.models.query import (
    FlatValuesListIterable,
    ModelIterable,
    ValuesListIterable,
    get_related_populators,
)

from cluster.records import inline

Adapt = Callable[[Any], Any]
Read = Callable[[list[Any]], Any]  # from a row's columns to what the query set yields
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
        return self.ready().rows(values)

    def first(self, *values: Any) -> Any:
        """The first row or None. The query set itself sets the limit, if many rows may be found."""
        return next(iter(self.ready().rows(values)), None)

    def ready(self) -> "Made":
        if self.made is None:
            with self.lock:
                self.made = self.made or Made(self.make, self.types)
        return self.made


class Made:
    """A query set's compiled SQL, with the positions of its parameters, and how its rows are read."""

    def __init__(self, make: Callable[..., Any], types: tuple[type, ...]) -> None:
        stand_ins = [STAND_INS[each](place) for place, each in enumerate(types)]
        queryset = make(*stand_ins)
        self.database = queryset.db
        compiler = queryset.query.get_compiler(using=self.database)
        self.sql, self.params = compiler.as_sql()
        self.converters = list(compiler.get_converters([each for each, *_ in compiler.select]).items())
        kind, query = queryset._iterable_class, queryset.query
        has_more = query.annotations if kind is ModelIterable else query.distinct and queryset.ordered
        if kind not in READERS or has_more:
            raise TypeError(f"rows of {self.sql} are neither objects alone nor tuples of columns")
        self.read = READERS[kind](compiler, self.database)
        operations = compiler.connection.ops
        told = [operations.adapt_datetimefield_value(e) if isinstance(e, datetime) else e for e in stand_ins]
        self.places: list[tuple[int, int, Adapt]] = []  # (index of the parameter, index of its value, conversion)
        for place, param in enumerate(self.params):
            if param in told:
                value = told.index(param)
                adapt = operations.adapt_datetimefield_value if types[value] is datetime else type(param)
                self.places.append((place, value, adapt))
        if {value for _, value, _ in self.places} != set(range(len(types))):
            raise TypeError(f"not every place is a parameter of {self.sql}")

    def rows(self, values: tuple[Any, ...]) -> list[Any]:
        params = list(self.params)
        for place, value, adapt in self.places:
            params[place] = adapt(values[value])
        connection = connections[self.database]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, params)
            found = cursor.fetchall()
        inline.check_size(found)
        return [self.read(self.converted(row, connection)) for row in found]

    def converted(self, row: Sequence[Any], connection: Any) -> list[Any]:
        """The columns as Django's fields have them (SQLCompiler.apply_converters)."""
        columns = list(row)
        for place, (converters, expression) in self.converters:
            for convert in converters:
                columns[place] = convert(columns[place], expression, connection)
        return columns


def model_reader(compiler: Any, database: str) -> Read:
    """Makes an object of a row, with the related objects that were selected (django's ModelIterable)."""
    info = compiler.klass_info
    first, last = info["select_fields"][0], info["select_fields"][-1] + 1
    names = [each.target.attname for each, *_ in compiler.select[first:last]]
    related = get_related_populators(info, compiler.select, database)  # type: ignore[call-arg]  # in Django 6

    def read(row: list[Any]) -> Any:
        found = info["model"].from_db(database, names, row[first:last])
        for each in related:
            each.populate(row, found)
        return found

    return read


READERS: dict[type, Callable[[Any, str], Read]] = {
    ModelIterable: model_reader,
    ValuesListIterable: lambda *_: tuple,
    FlatValuesListIterable: lambda *_: itemgetter(0),
}


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
