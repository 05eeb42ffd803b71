"""The formats of names and values. Each function takes a text and returns complaints in upstream's words, none if it is well
formed (apimachinery pkg/util/validation, pkg/api/validation/name.go)."""

import re
from ipaddress import ip_address

DNS_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
DNS_SUBDOMAIN = rf"{DNS_LABEL}(\.{DNS_LABEL})*"
QUALIFIED_NAME = r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
LABEL_VALUE = f"({QUALIFIED_NAME})?"
UNDERSCORED = r"_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
UNDERSCORED_SUBDOMAIN = rf"{UNDERSCORED}(\.{UNDERSCORED})*"
CONFIG_KEY = r"[-._a-zA-Z0-9]+"
HEADER = r"[-A-Za-z0-9]+"
PERCENT = r"[0-9]+%"
SYSCTL = r"([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
LONGEST_LABEL, LONGEST_SUBDOMAIN, LONGEST_PORT_NAME = 63, 253, 15
LARGEST_INT32 = 2**31 - 1
LABEL_TEXT = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    f"an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '{DNS_LABEL}')"
)
SUBDOMAIN_TEXT = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    f"end with an alphanumeric character (e.g. 'example.com', regex used for validation is '{DNS_SUBDOMAIN}')"
)
UNDERSCORED_TEXT = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start "
    f"and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '{UNDERSCORED_SUBDOMAIN}')"
)
VALUE_TEXT = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    f"'{LABEL_VALUE}')"
)
QUALIFIED_TEXT = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
    f"character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '{QUALIFIED_NAME}')"
)
PERCENT_TEXT = (
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for "
    f"validation is '{PERCENT}')"
)
CONFIG_KEY_TEXT = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or "
    f"'key-name', regex used for validation is '{CONFIG_KEY}')"
)
HEADER_TEXT = (
    "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for "
    f"validation is '{HEADER}')"
)
VARIABLE_TEXT = "a valid environment variable name must consist only of printable ASCII characters other than '='"
IP_TEXT = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"

_label, _subdomain = re.compile(DNS_LABEL), re.compile(DNS_SUBDOMAIN)
_qualified, _value = re.compile(QUALIFIED_NAME), re.compile(LABEL_VALUE)
_variable, _port_name = re.compile(r"[ -<>-~]+"), re.compile(r"[-a-z0-9]+")


def longest(length: int) -> str:
    return f"must be no more than {length} characters"


def between(low: int, high: int) -> str:
    return f"must be between {low} and {high}, inclusive"


def dns_label(value: str) -> list[str]:
    """A text that is a subdomain but not a label gets a complaint about its dots."""
    text = "must not contain dots" if _subdomain.fullmatch(value) else LABEL_TEXT
    return _limited(value, LONGEST_LABEL, _label, text)


def dns_subdomain(value: str) -> list[str]:
    return _limited(value, LONGEST_SUBDOMAIN, _subdomain, SUBDOMAIN_TEXT)


def dns_prefix(value: str) -> list[str]:
    """For the beginning of a name, which may end in a dash."""
    return dns_subdomain(f"{value[:-1]}a" if value.endswith("-") else value)


def search_domain(value: str) -> list[str]:
    return _limited(value, LONGEST_SUBDOMAIN, re.compile(UNDERSCORED_SUBDOMAIN), UNDERSCORED_TEXT)


def label_value(value: str) -> list[str]:
    return _limited(value, LONGEST_LABEL, _value, VALUE_TEXT)


def qualified_name(value: str) -> list[str]:
    """A name with an optional subdomain before it: the key of a label."""
    prefix, slash, name = value.rpartition("/")
    if "/" in prefix:
        return [
            f"a valid label key {QUALIFIED_TEXT} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        ]
    found = []
    if slash:
        found = [f"prefix part {each}" for each in (dns_subdomain(prefix) if prefix else ["must be non-empty"])]
    if not name:
        found.append("name part must be non-empty")
    elif len(name) > LONGEST_LABEL:
        found.append(f"name part {longest(LONGEST_LABEL)}")
    if not _qualified.fullmatch(name):
        found.append(f"name part {QUALIFIED_TEXT}")
    return found


def port_number(value: int) -> list[str]:
    return [] if 1 <= value <= 65535 else [between(1, 65535)]


def port_name(value: str) -> list[str]:
    checks = (
        (len(value) > LONGEST_PORT_NAME, longest(LONGEST_PORT_NAME)),
        (not _port_name.fullmatch(value), "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"),
        (not any("a" <= each <= "z" for each in value), "must contain at least one letter (a-z)"),
        ("--" in value, "must not contain consecutive hyphens"),
        (value[:1] == "-" or value[-1:] == "-", "must not begin or end with a hyphen"),
    )
    return [text for wrong, text in checks if wrong]


def user_id(value: int) -> list[str]:
    """For group ids too."""
    return [] if 0 <= value <= LARGEST_INT32 else [between(0, LARGEST_INT32)]


def ip(value: str) -> list[str]:
    try:
        ip_address(value)
    except ValueError:
        return [IP_TEXT]
    return [IP_TEXT] if "%" in value else []


def variable_name(value: str) -> list[str]:
    return [] if _variable.fullmatch(value) else [VARIABLE_TEXT]


def config_key(value: str) -> list[str]:
    found = _limited(value, LONGEST_SUBDOMAIN, re.compile(CONFIG_KEY), CONFIG_KEY_TEXT)
    if value in (".", ".."):
        found.append(f"must not be '{value}'")
    elif value.startswith(".."):
        found.append("must not start with '..'")
    return found


def header_name(value: str) -> list[str]:
    return [] if re.fullmatch(HEADER, value) else [HEADER_TEXT]


def percent(value: str) -> list[str]:
    return [] if re.fullmatch(PERCENT, value) else [PERCENT_TEXT]


def sysctl_name(value: str) -> list[str]:
    if len(value) <= LONGEST_SUBDOMAIN and re.fullmatch(SYSCTL, value):
        return []
    return [f"must have at most {LONGEST_SUBDOMAIN} characters and match regex ^{SYSCTL}$"]


def descending_path(value: str) -> list[str]:
    """The path must be relative and must not contain '..'."""
    return [*(["must be a relative path"] if value.startswith("/") else []), *no_backsteps(value)]


def no_backsteps(value: str) -> list[str]:
    return ["must not contain '..'"] if ".." in value.split("/") else []


def unreserved_path(value: str) -> list[str]:
    found = descending_path(value)
    if value.startswith("..") and not value.startswith("../"):
        found.append("must not start with '..'")
    return found


def _limited(value: str, length: int, pattern: re.Pattern[str], text: str) -> list[str]:
    found = [longest(length)] if len(value) > length else []
    return found if pattern.fullmatch(value) else [*found, text]
