"""Reads Kubernetes' protobuf messages out of kubectl's binary: cluster/machinery/messages.txt.

    python tools/read_go_types.py .venv/bin/kubectl

A Go program carries the types that reflection may ask for, with the tags of their fields (json, protobuf): those of all of
k8s.io/api are in kubectl. Layout: Go's internal/abi/type.go and runtime/symtab.go (64 bit, Go 1.26).

A line of the output is a message: "apps/v1.DeploymentSpec 1:replicas:*int 2:selector:*meta/v1.LabelSelector ...". A field is
number:name:type, where `*` marks a pointer in Go (its zero is a value), `!` a field that JSON shows even if it is zero, `[]` a
list, `map:` a map with string keys, and `^` a message whose fields stand in the message itself.
"""

import re
import struct
import sys
from dataclasses import dataclass, field
from pathlib import Path

OUTPUT = Path(__file__).parent.parent / "cluster" / "machinery" / "messages.txt"
BOOL, ARRAY, CHANNEL, FUNCTION, INTERFACE, MAP, POINTER, SLICE, STRING, STRUCT = 1, *range(17, 26)
INTEGERS = range(2, 13)
UNCOMMON, STAR, NAMED = 1, 2, 4  # flags of a type
UNCOMMON_OFFSETS = {POINTER: 56, SLICE: 56, FUNCTION: 56, CHANNEL: 64, ARRAY: 72, INTERFACE: 80, STRUCT: 80, MAP: 112}
TYPES_OF_MODULE = 296  # runtime.moduledata.types
STABLE = re.compile(r"k8s\.io/api/\w+/v\d+$")
OLD = ("k8s.io/api/apps/v1beta1", "k8s.io/api/apps/v1beta2", "k8s.io/api/extensions/v1beta1")
OLD_KINDS = ("Deployment", "ReplicaSet", "DeploymentRollback", "Scale")
SPECIAL = {
    "k8s.io/apimachinery/pkg/apis/meta/v1.Time": "Time",
    "k8s.io/apimachinery/pkg/apis/meta/v1.MicroTime": "MicroTime",
    "k8s.io/apimachinery/pkg/apis/meta/v1.FieldsV1": "Raw",
    "k8s.io/apimachinery/pkg/runtime.RawExtension": "Raw",
    "k8s.io/apimachinery/pkg/api/resource.Quantity": "Quantity",
    "k8s.io/apimachinery/pkg/util/intstr.IntOrString": "IntOrString",
}
# A zero that says something, though JSON leaves it out.
ALWAYS = {("autoscaling/v1.ScaleSpec", "replicas")}
META_ROOTS = ("DeleteOptions",)


@dataclass(kw_only=True)
class GoType:
    kind: int
    name: str
    package: str
    element: int = 0
    fields: list[tuple[str, str, int]] = field(default_factory=list)  # name, tag, type's address

    @property
    def path(self) -> str:
        return f"{self.package}.{self.name.rpartition('.')[2]}"


class Program:
    """The types of an ELF executable, by address."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.sections = self.read_sections()
        self.base = self.number(self.sections[".go.module"][0] + TYPES_OF_MODULE)
        self.types: dict[int, GoType] = {}
        _, start, size = self.sections[".typelink"]
        for (place,) in struct.iter_unpack("<i", data[start : start + size]):
            self.read(self.base + place)

    def read_sections(self) -> dict[str, tuple[int, int, int]]:
        """Name -> address, place in the file, size."""
        (table,) = struct.unpack_from("<Q", self.data, 0x28)
        size, count, names = struct.unpack_from("<HHH", self.data, 0x3A)
        rows = [struct.unpack_from("<IIQQQQ", self.data, table + place * size) for place in range(count)]
        texts = rows[names][4]
        return {self.text(texts + row[0]): (row[3], row[4], row[5]) for row in rows if row[3]}

    def text(self, place: int) -> str:
        return self.data[place : self.data.index(b"\0", place)].decode()

    def place(self, address: int) -> int:
        return next(
            place + address - start for start, place, size in self.sections.values() if start <= address < start + size
        )

    def number(self, address: int) -> int:
        found: int = struct.unpack_from("<Q", self.data, self.place(address))[0]
        return found

    def offset(self, address: int) -> int:
        found: int = struct.unpack_from("<i", self.data, self.place(address))[0]
        return found

    def name(self, address: int) -> tuple[str, str]:
        """A name and its tag."""
        place = self.place(address)
        name, end = self.string(place + 1)
        return name, self.string(end)[0] if self.data[place] & 2 else ""

    def string(self, place: int) -> tuple[str, int]:
        size = shift = 0
        while True:
            byte = self.data[place]
            place += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return self.data[place : place + size].decode(), place + size

    def read(self, address: int) -> GoType:
        if address in self.types:
            return self.types[address]
        place = self.place(address)
        kind, flags = self.data[place + 23] & 31, self.data[place + 20]
        name = self.name(self.base + self.offset(address + 40))[0][1 if flags & STAR else 0 :]
        found = self.types[address] = GoType(kind=kind, name=name, package=self.package(address, kind, flags))
        if kind in (POINTER, SLICE, ARRAY, MAP):
            found.element = self.number(address + (56 if kind == MAP else 48))
            self.read(found.element)
        if kind == STRUCT:
            found.fields = self.read_fields(address)
        return found

    def package(self, address: int, kind: int, flags: int) -> str:
        if not flags & UNCOMMON or not flags & NAMED:
            return ""
        offset = self.offset(address + UNCOMMON_OFFSETS.get(kind, 48))
        return self.name(self.base + offset)[0] if offset else ""

    def read_fields(self, address: int) -> list[tuple[str, str, int]]:
        start, count = self.number(address + 56), self.number(address + 64)
        found = []
        for row in range(start, start + 24 * count, 24):
            below = self.number(row + 8)
            self.read(below)
            found.append((*self.name(self.number(row)), below))
        return found


def main() -> None:
    sys.setrecursionlimit(10_000)
    program = Program(Path(sys.argv[1]).read_bytes())
    structs = {each.path: each for each in program.types.values() if each.kind == STRUCT and each.package}
    lines: dict[str, str] = {}
    waiting = [structs[path] for path in sorted(structs) if is_root(structs[path])]
    while waiting:
        found = waiting.pop()
        if short(found) not in lines:
            lines[short(found)] = " ".join([short(found), *fields(program, found, waiting)])
    OUTPUT.write_text("\n".join(lines[name] for name in sorted(lines)) + "\n")
    print(f"{len(lines)} messages, {OUTPUT.stat().st_size // 1024} KiB -> {OUTPUT}")


def is_root(found: GoType) -> bool:
    """Kinds of stable versions, and what the old versions of Deployments have."""
    name = found.name.rpartition(".")[2]
    if found.package == "k8s.io/apimachinery/pkg/apis/meta/v1":
        return name in META_ROOTS
    if not any(each == "TypeMeta" for each, _, _ in found.fields):
        return False
    return bool(STABLE.match(found.package)) or (found.package in OLD and name in OLD_KINDS)


def short(found: GoType) -> str:
    """apps/v1.Deployment, meta/v1.ObjectMeta."""
    package = found.package.removeprefix("k8s.io/api/").removeprefix("k8s.io/apimachinery/pkg/apis/")
    return f"{package}.{found.name.rpartition('.')[2]}"


def fields(program: Program, message: GoType, waiting: list[GoType]) -> list[str]:
    found = []
    for _, tag, address in message.fields:
        number = re.search(r'protobuf:"\w+,(\d+),', tag)
        if number is None:
            continue
        name, _, options = re.search(r'json:"([^"]*)"', tag)[1].partition(",")  # type: ignore[index]
        shown = "omit" not in options or (short(message), name) in ALWAYS
        marks = "!" if name and shown else "" if name else "^"
        found.append((int(number[1]), f"{name}:{marks}{described(program, program.types[address], waiting)}"))
    return [f"{number}:{text}" for number, text in sorted(found)]


def described(program: Program, found: GoType, waiting: list[GoType]) -> str:
    if found.path in SPECIAL:
        return SPECIAL[found.path]
    below = program.types.get(found.element)
    if found.kind == POINTER and below:
        return "*" + described(program, below, waiting)
    if found.kind == SLICE and below:
        if found.package and below.kind == STRING:
            return "Strings"
        return "bytes" if below.kind == 8 else "[]" + described(program, below, waiting)
    if found.kind == MAP and below:
        return "map:" + described(program, below, waiting)
    if found.kind == STRUCT:
        waiting.append(found)
        return short(found)
    names = {BOOL: "bool", STRING: "string"} | dict.fromkeys(INTEGERS, "int")
    return names[found.kind]


if __name__ == "__main__":
    main()
