"""What may differ between a recorded answer and ours: each rule with its reason. Everything else is compared as it stands."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Side = Literal["ours", "recorded", "both"]
POD_SUFFIX = "[bcdfghjklmnpqrstvwxz2456789]{5}"
WITHOUT_A_TIME = ("5d59d67564", "69c44dfb78", "d645d84b6")
SERVED_KINDS = (
    "Event",
    "Namespace",
    "Node",
    "Pod",
    "Deployment",
    "ReplicaSet",
    "SelfSubjectAccessReview",
    "SelfSubjectRulesReview",
)
SERVED_VERSIONS = (
    "v1", "apps/v1", "events.k8s.io/v1", "extensions/v1beta1", "authentication.k8s.io/v1", "authorization.k8s.io/v1",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Rule:
    """`side`: whose text it changes."""

    why: str
    change: Callable[[str], str]
    side: Side = "both"


def masks(why: str, pattern: str, instead: str, side: Side = "both") -> Rule:
    compiled = re.compile(pattern, re.MULTILINE)
    return Rule(why=why, change=lambda text: compiled.sub(instead, text), side=side)


def drops(why: str, pattern: str, side: Side) -> Rule:
    return masks(why, pattern, "", side)


EVERYWHERE = (
    masks("a pod's name ends at random", rf"\b((?:nginx-deployment|gen|web)-[0-9a-z]{{6,10}})-{POD_SUFFIX}\b", r"\1-*****"),
    masks(
        "a hash of a template with the time of a restart in it",
        rf"(nginx-deployment-|template-hash[=:])(?!{'|'.join(WITHOUT_A_TIME)})[bcdfghjklmnpqrstvwxz2456789]{{6,10}}\b",
        r"\1<hash>",
    ),
    masks("times", r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z| \+0000)", "<time>"),
    masks("times in words", r"\b\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000", "<time>"),
    masks("ages", r"(?<= )(?<!for )\d+[smhd](\d+[smh])?(?=\s|\)|$)", "<age>"),
    masks("ages that begin a line", r"^\d+[smhd](\d+[smh])?(?= )", "<age>"),
    masks("uids", r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "<uid>"),
    masks("resource versions", r'(resourceVersion"?: )"\d+"', r"\1<rv>"),
    masks("addresses of pods", r"\b10\.244\.\d+\.\d+\b", "<address>"),
    masks("nodes have addresses of their own", r"\b(?:127\.0\.0\.1|172\.18\.\d+\.\d+)(?=[\s/]|$)", "<node>"),
    masks("the server's own address", r"\bhttps?://127\.0\.0\.1:\d+", "<server>"),
    masks("the patch that kubectl has made shows in what it says", r"(?<=when applying patch:\n)\{.*\}$", "<patch>"),
    masks("and in a refusal of the patch", r'(?<=patch: Invalid value: ")map\[.*\](?=": )', "<patch>"),
    masks("names of temporary files", r"/tmp/(?:LIVE|MERGED)-\d+/\S+|/tmp/kubectl-edit-\d+\.yaml", "TMPFILE"),
    masks("a document of schemas is named by its contents", r"\?hash=[0-9a-f]{32}", "?hash=<hash>"),
    masks("names of a kubeconfig", r"\b(sim|rollstage)\b", "<context>"),
    masks("a column is as wide as its widest value", r"(?<=\S)[ \t]{2,}", "  "),
    masks("an empty column ends in blanks", r"[ \t]+$", ""),
    drops("a stopped pod is Completed for a moment since 1.27", r"^\S+ +0/\d+ +Completed .*\n?", "ours"),
    masks("today's event tells where a scaling began", r"(Scaled (?:up|down) replica set \S+) from \d+ to", r"\1 to", "ours"),
)  # fmt: skip

SERVERS_VERSION = (
    drops("kubectl finds the recorded server too old", r"^Warning: version difference .*\n", "recorded"),
    masks("the server's version", r"^Server Version: .*", "Server Version: <version>"),
    masks(
        "the server's version and its build", r'"(major|minor|git\w+|buildDate|goVersion|compiler)": "[^"]*"', r'"\1": <>'
    ),
)  # fmt: skip
NEWER_VERSION = (drops("emulated versions are younger", r'^ *"(?:emulation|minCompatibility)\w+": .*\n', "ours"),)
NULL_TIMES = (drops("templates no longer show a time of creation", r'^ *"?creationTimestamp"?: null,?\n', "recorded"),)
YOUNGER_FIELDS = (
    drops("pods have a generation since 1.33", r"^    generation: \d+\n", "ours"),
    drops("pods tell all addresses of their node since 1.28", r"^    hostIPs:\n    - ip: .*\n", "ours"),
    drops(
        "pods tell that their sandbox is ready since 1.29",
        r'^    - lastProbeTime: null\n      lastTransitionTime: "<time>"\n      status: "\w+"\n      type: PodReadyToStartContainers\n',
        "ours",
    ),
)
SANDBOXES = (
    masks("a column is as wide as the widest condition", r"^ +(?=node\.kubernetes\.io/unreachable)", "  "),
    drops("pods tell that their sandbox is ready since 1.29", r"^  PodReadyToStartContainers  \w+ *\n", "ours"),
)
RUNTIME = (
    masks("ids of containers and images are the runtime's", r"(?i)((?:container|image) ?id: +)\S+", r"\1<id>"),
    masks("ids of containers and images are the runtime's", r"((?:container|image)ID: )\S+", r"\1<id>"),
)
KUBELETS_EVENTS = (
    drops(
        "a kubelet and a scheduler tell of what they do; the recorder's scripted ones were silent",
        r"(?i)^.*\b(?:Scheduled|Pulling|Pulled|Created|Started|Failed|BackOff|Killing) .*\bpod/nginx.*\n|"
        r"^  \w+ +(?:Scheduled|Pulling|Pulled|Created|Started|Failed|BackOff|Killing) .*\n", "ours",
    ),
    masks("a pod without events has no table of them", r"^Events:\n  Type.*\n  ----.*\n(?!  )", "Events:  <none>\n", "ours"),
)  # fmt: skip
IN_ANY_ORDER = (
    Rule(
        why="events of one second stand in any order",
        change=lambda text: "".join(sorted(text.splitlines(keepends=True))),
    ),
)
TERMINATING = (
    drops("terminating pods are counted since 1.33", r"^ *\"?terminatingReplicas\"?: 0,?\n", "ours"),
    drops("terminating pods are counted since 1.33", r"^ *f:terminatingReplicas: \{\}\n", "ours"),
)
ROWS_BY_NAME = (
    Rule(
        why="rows stand by name, and the names have hashes with the time of a restart",
        change=lambda text: "".join(sorted(text.splitlines(keepends=True))),
    ),
)
SUBRESOURCES = (drops("who wrote the status is told apart since 1.22", r"^    subresource: status\n", "ours"),)
BY_NAME = (
    Rule(
        why="ReplicaSets of one second stand by name",
        change=lambda text: re.sub(
            r"(?<=OldReplicaSets:  ).*", lambda found: ", ".join(sorted(found[0].split(", "))), text
        ),
    ),
)
COMBINED_EVENTS = (
    drops(
        "which of many similar events are combined is chance upstream, and today's longer texts are told apart",
        r"^  Normal +ScalingReplicaSet .*\n", "both",
    ),
)  # fmt: skip
SERVICE_ADDRESSES = (
    masks("the recorded cluster had another range of addresses", r"\b10\.(?:0|96)\.\d+\.\d+\b", "<address>"),
)
NODES_FACTS = (
    masks(
        "what a node is and has", r"^( *(?:cpu|memory|OS Image|Operating System|Architecture|Container Runtime Version|"
        r"Kubelet Version):) +.*", r"\1",
    ),
    masks("the recorded node was registered without an architecture", r"kubernetes\.io/arch=amd64\n +", "", "ours"),
    drops("the recorded node was registered without them", r"^ +kubernetes\.io/(?:os|arch)=.*\n|^  (?:InternalIP|Hostname): .*\n", "ours"),
    drops("the recorded node told nothing of its disk", r"^ +ephemeral-storage: .*\n", "ours"),
    masks("the recorded cluster had no controller for taints", r"node.kubernetes.io/not-ready:NoSchedule$", "<none>", "recorded"),
    masks("kubelets' leases are not served", r"(?<=Failed to get lease: ).*", "<reason>"),
    masks("a simulated kubelet says that it is", r"KubeletReady  .*", "KubeletReady  <message>"),
)  # fmt: skip
NODES_COLUMNS = (masks("the recorded node told nothing of itself", r"^(node1  Ready  <none>  <age>)  .*", r"\1"),)


ONLY_SERVED = (
    Rule(
        why="which kinds and versions there are has changed since; those that something acts on are compared",
        change=lambda text: "".join(line for line in text.splitlines(keepends=True) if is_served(line)),
    ),
)
OUR_VERSIONS = (
    drops("the book's versions are still served", r"^apps/v1beta[12]\n|^.*  extensions/v1beta1  .*\n", "ours"),
    masks("a short name stands in one group", r"^events  ev  events", "events  events", "recorded"),
    drops("reviews of oneself are younger", r"^selfsubjectreviews .*\n", "ours"),
)
KUBECONFIG = (
    drops(
        "the recorded server was open to everybody, over http",
        r"^ +(?:certificate-authority-data|token|namespace): .*\n",
        "ours",
    ),
    masks("the recorded server was open to everybody, over http", r"user:(?: \{\})?$", "user:"),
    masks("our context names its namespace", r"(?<=admin)  default$", "", "ours"),
)
EXPLAINED = (
    Rule(
        why="kubectl lays out version 3 of OpenAPI otherwise, with today's types and words",
        change=lambda text: fields(text),
    ),
)
RESOURCES = (
    Rule(
        why="kinds that are not served are not listed; today a resource tells its singular",
        change=lambda text: resources(text),
    ),
)
LABEL_SELECTORS = (
    masks(
        "today's parser lists every operator",
        r"'=', '!=', '==', 'in', notin'",
        "in, notin, =, ==, !=, gt, lt",
        "recorded",
    ),
)
NAMESPACES = (drops("mistakes are made beside the session", r"^n-invalid .*\n", "ours"),)
EXPLAINED_HEADING = (
    drops("kubectl heads what version 3 of OpenAPI explains", r"^GROUP: .*\nKIND: .*\nVERSION: .*\n\n", "ours"),
)
OWNERS = (Rule(why="owners stand by the second in which they wrote", change=lambda text: managers_by_name(text)),)


def fields(text: str) -> str:
    """The fields that `explain` lists, each with the names of those around it."""
    found: list[tuple[int, str]] = []
    for indent, name in re.findall(r"^( +)(\w+)\t<", text, re.MULTILINE):
        found.append((len(indent), name))
    depths = sorted({depth for depth, _ in found})
    return "".join(f"{depths.index(depth)} {name}\n" for depth, name in found)


def managers_by_name(text: str) -> str:
    """YAML with its managedFields in another order."""
    found = re.fullmatch(r"(.*  managedFields:\n)((?:  - .*\n(?:    .*\n)+)+)(.*)", text, re.DOTALL)
    if found is None:
        return text
    head, middle, rest = found.groups()
    return head + "".join(sorted(re.split(r"(?m)^(?=  - )", middle))) + rest


def resources(text: str) -> str:
    """An APIResourceList, of the kinds that we serve."""
    if not text:
        return text
    listed = json.loads(text)
    kept = [each for each in listed["resources"] if each["name"].split("/")[0] in ("deployments", "replicasets")]
    for each in kept:
        each.pop("singularName")
    return json.dumps({**listed, "resources": kept}, indent=1, sort_keys=True)


def is_served(line: str) -> bool:
    """A line of `api-resources` or `api-versions`."""
    last = line.split()[-1]
    return last in SERVED_VERSIONS or (last in SERVED_KINDS and "extensions/" not in line) or last == "KIND"


ALLOWED: Mapping[str, Sequence[Rule]] = {
    "001_version_cold": SERVERS_VERSION,
    "002_version_json": (*SERVERS_VERSION, *NEWER_VERSION),
    "161_get_raw_version": (*SERVERS_VERSION, *NEWER_VERSION),
    "004_api-resources_cold": (*ONLY_SERVED, *OUR_VERSIONS),
    "005_api-resources_apps": ONLY_SERVED,
    "006_api-versions": (*ONLY_SERVED, *OUR_VERSIONS),
    "008_config_view": KUBECONFIG,
    "010_config_getctx": KUBECONFIG,
    "011_get_ns": NAMESPACES,
    "012_get_nodes": NODES_COLUMNS,
    "046_get_svc": SERVICE_ADDRESSES,
    "132_get_all_after_delete": SERVICE_ADDRESSES,
    "013_get_nodes_wide": NODES_COLUMNS,
    "034_get_pods_yaml": (*RUNTIME, *YOUNGER_FIELDS),
    "056_explain_deploy": EXPLAINED,
    "057_explain_strategy": EXPLAINED,
    "058_explain_recursive": EXPLAINED,
    "160_get_raw": RESOURCES,
    "040_get_events": (*KUBELETS_EVENTS, *IN_ANY_ORDER),
    "041_get_events_sorted": (*KUBELETS_EVENTS, *IN_ANY_ORDER),
    "042_events": (*KUBELETS_EVENTS, *IN_ANY_ORDER),
    "044_get_all": SERVICE_ADDRESSES,
    "048_describe_pod": (*RUNTIME, *KUBELETS_EVENTS, *SANDBOXES),
    "051_describe_pods_all": (*RUNTIME, *KUBELETS_EVENTS, *SANDBOXES),
    "052_describe_node": (*NODES_FACTS, *KUBELETS_EVENTS),
    "082_describe_paused": COMBINED_EVENTS,
    "090_get_pods_bad": ROWS_BY_NAME,
    "get deploy -l a b": LABEL_SELECTORS,
    "092_describe_bad": (*COMBINED_EVENTS, *BY_NAME),
    "035_get_deploy_yaml": (*TERMINATING, *NULL_TIMES),
    "036_get_deploy_json": (*TERMINATING, *NULL_TIMES),
    "037_get_rs_yaml": (*TERMINATING, *NULL_TIMES),
    "087_get_deploy_yaml_restart": (*TERMINATING, *NULL_TIMES),
    "119_diff": (masks("a line less without a null time", r"^@@ .* @@", "@@"),),
    "139_get_managedfields": (*TERMINATING, *NULL_TIMES, *SUBRESOURCES, *OWNERS),
    "158_delete_many": (
        drops("a deleted Deployment's pods go before kubectl lists pods, or after", r'^pod "web-.*\n', "ours"),
    ),
    "explain deployment.nosuch": EXPLAINED_HEADING,
    "093_describe_pod_bad": (*RUNTIME, *KUBELETS_EVENTS, *SANDBOXES),
}


def normal(text: str, name: str, side: Side) -> str:
    """An answer without what may differ. `name`: whose rules besides those for all."""
    for rule in (*EVERYWHERE, *ALLOWED.get(name, ())):
        if rule.side in (side, "both"):
            text = rule.change(text)
    return text
