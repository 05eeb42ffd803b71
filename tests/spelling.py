"""Texts recorded from Kubernetes 1.20 in the spelling of 1.36, which shows values as JSON (field.Error.ErrorBody)."""

import json
import re
from typing import Any

TEXT = r'"(?:[^"\\]|\\.)*"'
PAIRS = re.compile(rf"map\[string\]string\{{((?:{TEXT}:{TEXT}(?:, )?)*)\}}")
TEXTS = re.compile(rf"\[\]string\{{((?:{TEXT}(?:, )?)*)\}}")
REQUIREMENT = re.compile(
    rf"v1\.LabelSelectorRequirement\{{Key:({TEXT}), Operator:({TEXT}), Values:(null|\[[^\]]*\])\}}"
)
REQUIREMENTS = re.compile(r"\[\]v1\.LabelSelectorRequirement\{((?:\{[^{}]*\}(?:, )?)*)\}")
SELECTOR = re.compile(r"v1\.LabelSelector\{MatchLabels:(null|\{[^{}]*\}), MatchExpressions:(null|\[.*?\])\}")
WORDS = (
    (re.compile(r"(map\[string\]string|\[\]string|\[\]v1\.LabelSelectorRequirement)\(nil\)"), "null"),
    (PAIRS, lambda found: "{" + found[1].replace('", "', '","') + "}"),
    (TEXTS, lambda found: "[" + found[1].replace('", "', '","') + "]"),
    (REQUIREMENT, lambda found: requirement(found)),
    (REQUIREMENTS, lambda found: "[" + found[1].replace("}, {", "},{") + "]"),
    (SELECTOR, lambda found: selector(found)),
    (re.compile(r'intstr\.IntOrString\{Type:0, IntVal:(-?\d+), StrVal:""\}'), r"\1"),
    (re.compile(rf"intstr\.IntOrString\{{Type:1, IntVal:0, StrVal:({TEXT})\}}"), r"\1"),
    (
        re.compile(
            r'apps\.DeploymentStrategy\{Type:("[^"]*"), RollingUpdate:\(\*apps\.RollingUpdateDeployment\)\(nil\)\}'
        ),
        r'{"Type":\1,"RollingUpdate":null}',
    ),
    (re.compile("a qualified name must consist"), "a valid label key must consist"),
)


def requirement(found: re.Match[str]) -> str:
    values = "" if found[3] == "null" else f',"values":{found[3]}'
    return f'{{"key":{found[1]},"operator":{found[2]}{values}}}'


def selector(found: re.Match[str]) -> str:
    parts = {"matchLabels": found[1], "matchExpressions": found[2]}
    return "{" + ",".join(f'"{key}":{text}' for key, text in parts.items() if text != "null") + "}"


def today(text: str) -> str:
    for pattern, new in WORDS:
        text = pattern.sub(new, text)  # type: ignore[arg-type]
    return text


def whole(value: Any) -> Any:
    """With every text in it, those of a Status for instance."""
    if isinstance(value, str):
        return today(value)
    if isinstance(value, dict):
        return {key: whole(each) for key, each in value.items()}
    return [whole(each) for each in value] if isinstance(value, list) else json.loads(json.dumps(value))
