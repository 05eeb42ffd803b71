"""YAML in and out, with limits: whatever a stranger pastes is read in bounded time and memory."""

import difflib
import re
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

LARGEST_TEXT_BYTES = 1024 * 1024
MOST_NODES = 100_000
DEEPEST = 64


class DocumentError(Exception):
    """Raised when a text is no list of mappings within the limits; the text says where."""

    def __init__(self, message: str, *, index: int = 0, line: int = 1) -> None:
        super().__init__(message)
        self.index, self.line = index, line


@dataclass(frozen=True, kw_only=True)
class Document:
    """One document: its place among the others (from 0), its first line (from 1), and what it says."""

    index: int
    line: int
    manifest: dict[str, Any]


def load_documents(text: str) -> list[Document]:
    """Every document that is not empty. Raises DocumentError."""
    if len(text.encode()) > LARGEST_TEXT_BYTES:
        raise DocumentError(f"the text is larger than {LARGEST_TEXT_BYTES:,} bytes")
    loader = Loader(text)
    try:
        return list(_documents(loader))
    except yaml.MarkedYAMLError as error:
        line = (error.problem_mark.line if error.problem_mark else 0) + 1
        raise DocumentError(f"error converting YAML to JSON: yaml: line {line}: {error.problem}", line=line) from error
    except yaml.YAMLError as error:
        raise DocumentError(f"error converting YAML to JSON: yaml: {error}") from error
    finally:
        loader.dispose()


def dump(manifest: Mapping[str, Any]) -> str:
    """In kubectl's style: sorted keys, one item a line."""
    return yaml.dump(manifest, Dumper=Dumper, sort_keys=True, default_flow_style=False, width=10_000)


def unified_diff(before: str, after: str, from_label: str, to_label: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), from_label, to_label, lineterm="")
    return "\n".join(lines)


def _documents(loader: "Loader") -> Iterator[Document]:
    index = 0
    while loader.check_node():
        node = loader.get_node()
        assert node is not None
        line = node.start_mark.line + 1
        check_size(node, index, line)
        manifest = loader.construct_document(node)
        if manifest is not None:
            if not isinstance(manifest, dict):
                found = type(manifest).__name__
                where = f"document {index + 1}, line {line}"
                raise DocumentError(f"{where}: a mapping is wanted, this is a {found}", index=index, line=line)
            yield Document(index=index, line=line, manifest=manifest)
        index += 1


def check_size(node: yaml.Node, index: int, line: int) -> None:
    """Counts nodes with aliases expanded, before anything is built of them."""
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


class Loader(yaml.SafeLoader):
    """JSON's types only: dates stay text, keys are text and stand once."""

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


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class Dumper(yaml.SafeDumper):
    """Without anchors, which kubectl never writes."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


# y and n are booleans in the YAML 1.1 that Kubernetes reads, so text that looks like them is written in quotes.
Loader.bool_values = {**yaml.SafeLoader.bool_values, "y": True, "n": False}
for side in (Loader, Dumper):
    side.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^[yYnN]$"), list("yYnN"))
