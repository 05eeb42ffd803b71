"""Reads and writes YAML, within limits: untrusted text is parsed in bounded time and memory."""

import difflib
import re
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

LARGEST_TEXT_BYTES = 1024 * 1024
MOST_NODES = 100_000
DEEPEST = 64
# In C (libyaml), as in every wheel of PyYAML: the largest text is measured in a fifth of a second.
Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class DocumentError(Exception):
    """Raised when a text is not a list of mappings within the limits; the message names the place."""

    def __init__(self, message: str, *, index: int = 0, line: int = 1) -> None:
        super().__init__(message)
        self.index, self.line = index, line


@dataclass(frozen=True, kw_only=True)
class Document:
    """One document: its index (from 0), its first line (from 1), and its contents."""

    index: int
    line: int
    manifest: dict[str, Any]


def load_documents(text: str) -> list[Document]:
    """Every document that is not empty. Raises DocumentError."""
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise DocumentError("error converting YAML to JSON: yaml: invalid Unicode character") from error
    if size > LARGEST_TEXT_BYTES:
        raise DocumentError(f"the text is larger than {LARGEST_TEXT_BYTES:,} bytes")
    try:
        measure(text)
        return list(_documents(text))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        message = f"error converting YAML to JSON: yaml: {place(error)}{error.problem}"
        raise DocumentError(message, line=line) from error
    except yaml.YAMLError as error:
        raise DocumentError(f"error converting YAML to JSON: yaml: {error}".splitlines()[0]) from error


def place(error: yaml.MarkedYAMLError) -> str:
    """The line as go-yaml reports it: where the problem began; for the parser's errors counted from 0, and omitted if 0 (yaml.go,
    fail)."""
    marks = [each.line for each in (error.context_mark, error.problem_mark) if each]
    if isinstance(error, yaml.parser.ParserError | yaml.scanner.ScannerError):
        line = next((each for each in marks if each), 0)
        line += bool(line) and isinstance(error, yaml.scanner.ScannerError)
    else:
        line = (marks or [0])[-1] + 1
    return f"line {line}: " if line else ""


def measure(text: str) -> None:
    """Checks depth and size before anything is built, since building recurses at every level. Raises DocumentError."""
    index, line, depth, count = -1, 1, 0, 0
    for event in yaml.parse(text, Loader=Base):
        if isinstance(event, yaml.DocumentStartEvent):
            index, line, count = index + 1, line_of(event), 0
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        count += isinstance(event, yaml.NodeEvent)
        if depth > DEEPEST:
            raise DocumentError(f"document {index + 1}: nested deeper than {DEEPEST}", index=index, line=line)
        if count > MOST_NODES:
            raise DocumentError(f"document {index + 1}: more than {MOST_NODES:,} values", index=index, line=line)


def line_of(found: Any) -> int:
    """The first line of an event or a node, from 1."""
    return int(found.start_mark.line) + 1


def unstorable(value: Any) -> str | None:
    """The first text in a value that the database can't store (with a NUL, or half of a surrogate pair); None if all can be."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            if UNSTORABLE.search(each):
                return each
        elif isinstance(each, dict):
            waiting += [*each.keys(), *each.values()]
        elif isinstance(each, list):
            waiting += each
    return None


def dump(manifest: Mapping[str, Any]) -> str:
    """YAML in kubectl's style: sorted keys, one item per line."""
    return yaml.dump(manifest, Dumper=Dumper, sort_keys=True, default_flow_style=False, width=10_000)


def unified_diff(before: str, after: str, from_label: str, to_label: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), from_label, to_label, lineterm="")
    return "\n".join(lines)


def _documents(text: str) -> Iterator[Document]:
    loader = Loader(text)
    index = 0
    while loader.check_node():
        node = loader.get_node()
        line = line_of(node)
        check_size(node, index, line)
        manifest = construct(loader, node, index, line)
        if manifest is not None:
            if not isinstance(manifest, dict):
                found = type(manifest).__name__
                where = f"document {index + 1}, line {line}"
                raise DocumentError(f"{where}: expected a mapping, found a {found}", index=index, line=line)
            yield Document(index=index, line=line, manifest=manifest)
        index += 1


def construct(loader: "Loader", node: yaml.Node, index: int, line: int) -> Any:
    try:
        made = loader.construct_document(node)
    except (ValueError, LookupError) as error:  # raised by PyYAML for a value that does not fit its tag
        message = f"document {index + 1}: error converting YAML to JSON: yaml: cannot decode a value: {error}"
        raise DocumentError(message, index=index, line=line) from error
    bad = unstorable(made)
    if bad is not None:
        raise DocumentError(f"document {index + 1}: {bad!r}: invalid Unicode character", index=index, line=line)
    return made


def check_size(node: yaml.Node, index: int, line: int) -> None:
    """Counts nodes with aliases expanded, before anything is built. Raises DocumentError."""
    sizes: dict[int, int] = {}

    def size(each: yaml.Node, depth: int) -> int:
        if depth > DEEPEST:
            raise DocumentError(f"document {index + 1}: nested deeper than {DEEPEST}", index=index, line=line)
        if id(each) not in sizes:
            sizes[id(each)] = 1 + sum(size(child, depth + 1) for child in _children(each))
        if sizes[id(each)] > MOST_NODES:
            raise DocumentError(f"document {index + 1}: more than {MOST_NODES:,} values", index=index, line=line)
        return sizes[id(each)]

    size(node, 0)


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.SequenceNode):
        yield from node.value
    elif isinstance(node, yaml.MappingNode):
        for pair in node.value:
            yield from pair


class Loader(Base):  # type: ignore[misc]
    """YAML as Kubernetes reads it, with JSON's types only: dates, and numbers with colons, are text; keys are text and unique."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key must be text", key.start_mark)
            if key.value in seen:
                problem = f'key "{key.value}" already set in map'
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen.add(key.value)
        made = super().construct_mapping(node, deep)
        return {str(key).lower() if isinstance(key, bool) else str(key): value for key, value in made.items()}


# go-yaml's numbers (resolve.go): 1e3 is a number, 1:30 is not, and "=" is text.
INT = re.compile(r"^[-+]?(?:0b[01][01_]*|0x[0-9a-fA-F][0-9a-fA-F_]*|0o[0-7][0-7_]*|0[0-7_]*|[1-9][0-9_]*)$")
FLOAT = re.compile(
    r"^[-+]?(?:\.[0-9]+(?:[eE][-+]?[0-9]+)?|[0-9]+\.[0-9]*(?:[eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]+"
    r"|\.(?:inf|Inf|INF))$|^\.(?:nan|NaN|NAN)$"
)
OTHERS = ("bool", "merge", "null")
PREFIX = "tag:yaml.org,2002:"
Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.removeprefix(PREFIX) in OTHERS]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
JSON_TYPES = ("null", "bool", "int", "float", "str", "seq", "map")
Loader.yaml_constructors = {
    tag: make
    for tag, make in yaml.SafeLoader.yaml_constructors.items()
    if tag is None or tag.removeprefix(PREFIX) in JSON_TYPES
}
Loader.add_implicit_resolver(f"{PREFIX}int", INT, list("-+0123456789"))
Loader.add_implicit_resolver(f"{PREFIX}float", FLOAT, list("-+0123456789."))


class Dumper(yaml.SafeDumper):
    """Writes no anchors, as kubectl; quotes text that could be read as a number."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


# y and n are booleans in the YAML 1.1 that Kubernetes reads, so such text is quoted.
Y_OR_N = re.compile("^[yYnN]$")
Loader.bool_values = {**yaml.SafeLoader.bool_values, "y": True, "n": False}
Loader.add_implicit_resolver(f"{PREFIX}bool", Y_OR_N, list("yYnN"))
Dumper.add_implicit_resolver(f"{PREFIX}bool", Y_OR_N, list("yYnN"))
Dumper.add_implicit_resolver(f"{PREFIX}int", INT, list("-+0123456789"))
Dumper.add_implicit_resolver(f"{PREFIX}float", FLOAT, list("-+0123456789."))
