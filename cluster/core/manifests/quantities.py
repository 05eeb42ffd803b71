"""Resource quantities (apimachinery pkg/api/resource): parsing, the canonical text, and how spew prints one for a hash.

Upstream stores a number that fits in the fast path as an int64 with a power of ten, any other as an arbitrary decimal, and
keeps the text it was parsed from if that is canonical already. All three affect a pod-template-hash.
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

PATTERN = re.compile(r"([+-]?)(\d+(?:\.\d*)?|\.\d+)([eEinumkKMGTP]*[-+]?\d*)")
BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
EXPONENT = re.compile(r"[eE][+-]?\d+")
WRONG_FORMAT = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
WRONG_SUFFIX = "unable to parse quantity's suffix"
NANO, MILLI = -9, -3
# Our own limits: upstream accepts any number, and one of a billion digits takes that much memory.
LONGEST_TEXT, LARGEST_EXPONENT = 256, 99
FAST_DIGITS, LARGEST_INT64, WORD = 18, 2**63 - 1, 2**64


@dataclass(frozen=True, kw_only=True, slots=True)
class Quantity:
    """`value` * 10 ** `scale`; `fast` if upstream stores it as an int64; `text` is the text that upstream keeps, empty if
    none."""

    value: int
    scale: int
    format: str
    text: str = ""
    fast: bool = True


@lru_cache(maxsize=4096)
def parse(text: str) -> Quantity:
    """Parses a quantity. Raises ValueError with upstream's words (ParseQuantity)."""
    if text == "0":
        return Quantity(value=0, scale=0, format="DecimalSI", text="0")
    found = PATTERN.fullmatch(text) if len(text) <= LONGEST_TEXT else None
    if found is None:
        raise ValueError(WRONG_FORMAT)
    sign, number, suffix = found.groups()
    whole, _, fraction = number.partition(".")
    digits, negative = (whole.lstrip("0") or "0") + fraction, sign == "-"
    if suffix in BINARY:
        return _binary(text, digits, len(fraction), BINARY[suffix], negative)
    if suffix in DECIMAL:
        return _decimal(text, digits, len(fraction), DECIMAL[suffix], "DecimalSI", negative)
    if EXPONENT.fullmatch(suffix) and abs(int(suffix[1:])) <= LARGEST_EXPONENT:
        return _decimal(text, digits, len(fraction), int(suffix[1:]), "DecimalExponent", negative)
    raise ValueError(WRONG_SUFFIX)


def _decimal(text: str, digits: str, decimals: int, exponent: int, kind: str, negative: bool) -> Quantity:
    value, scale = int(digits) * (-1 if negative else 1), exponent - decimals
    if len(digits) > FAST_DIGITS or scale < NANO:
        return _slow(value, scale, kind)
    canonical = scale % 3 == 0 and not digits.endswith("000") and digits[0] != "0"
    return Quantity(value=value, scale=scale, format=kind, text=text if canonical else "")


def _binary(text: str, digits: str, decimals: int, exponent: int, negative: bool) -> Quantity:
    value = (int(digits) << exponent) * (-1 if negative else 1)
    precision = 15 - len(digits) - exponent * 3 // 10 - 1
    if decimals == 0 and precision >= 0 and abs(value) <= LARGEST_INT64:
        return Quantity(value=value, scale=0, format="BinarySI", text=text if int(digits) & 7 else "")
    return _slow(value, -decimals, "BinarySI")


def _slow(value: int, scale: int, kind: str) -> Quantity:
    """A quantity in nanos, rounded away from zero; a binary one is capped at the largest int64."""
    size = _in_units(abs(value), scale, NANO)
    if kind == "BinarySI":
        if size > LARGEST_INT64 * 10**-NANO:
            return Quantity(value=LARGEST_INT64 if value > 0 else -LARGEST_INT64, scale=0, format=kind, fast=False)
        if 0 < size < 10**-NANO:
            kind = "DecimalSI"
    return Quantity(value=size if value >= 0 else -size, scale=NANO, format=kind, fast=False)


def _in_units(size: int, scale: int, unit: int) -> int:
    """Converts a size from units of 10 ** `scale` to units of 10 ** `unit`, rounded up."""
    factor: int = 10 ** abs(scale - unit)
    return size * factor if scale >= unit else -(-size // factor)


def round_up(quantity: Quantity, scale: int = MILLI) -> Quantity:
    """A container's resource as the API stores it: nothing finer than a thousandth (SetDefaults_ResourceList)."""
    if quantity.scale >= scale and quantity.fast:
        return quantity
    size = _in_units(abs(quantity.value), quantity.scale, scale)
    return replace(quantity, value=size if quantity.value >= 0 else -size, scale=scale, text="")


def canonical(quantity: Quantity) -> str:
    """The text that the API shows: 1000m is "1", 0.5 "500m", 1024Mi "1Gi" (CanonicalizeBytes)."""
    if quantity.value == 0:
        return "0"
    if quantity.text:
        return quantity.text
    value, scale = _normal(quantity)
    whole = value * 10**scale if scale >= 0 else None
    if quantity.format == "BinarySI" and whole is not None and abs(whole) >= 1024:
        return _binary_text(whole)
    value, scale = value * 10 ** (scale % 3), scale - scale % 3
    if quantity.format == "DecimalExponent":
        return f"{value}e{scale}" if scale else str(value)
    suffixes = {power: suffix for suffix, power in DECIMAL.items()}
    return f"{value}{suffixes.get(scale, '')}"


def _binary_text(whole: int) -> str:
    power = 0
    while whole % 1024 == 0 and power < 60:
        whole, power = whole // 1024, power + 10
    suffixes = {power: suffix for suffix, power in BINARY.items()}
    return f"{whole}{suffixes.get(power, '')}"


def _normal(quantity: Quantity) -> tuple[int, int]:
    """Value and scale without trailing zeros."""
    value, scale = quantity.value, quantity.scale
    while value % 10 == 0:
        value, scale = value // 10, scale + 1
    return value, scale


def nanos(text: object) -> int:
    """A quantity in nanos, as a number that can be compared. Raises ValueError."""
    quantity = parse(str(text).strip())
    return _in_units(abs(quantity.value), quantity.scale, NANO) * (-1 if quantity.value < 0 else 1)


@lru_cache(maxsize=4096)
def stored(text: str, *, resource: bool = False) -> str:
    """The text under which the API server stores a quantity; in a resource list it is rounded to thousandths."""
    quantity = parse(text.strip())
    return canonical(round_up(quantity) if resource else quantity)


@lru_cache(maxsize=4096)
def spew_quantity(text: str, *, resource: bool = True) -> str:
    """The controller's quantity as spew prints it, read from what the server stored. `text` empty: the zero value, stored as
    0."""
    quantity = parse(stored(text or "0", resource=resource))
    fast, decimal = (quantity.value, quantity.scale), "<nil>"
    if not quantity.fast:
        fast, decimal = (0, 0), _spew_decimal(quantity)
    amount = f"{{value:(int64){fast[0]} scale:(resource.Scale){fast[1]}}}"
    return (
        f"{{i:(resource.int64Amount){amount} d:(resource.infDecAmount){{Dec:(*inf.Dec){decimal}}} "
        f"s:(string){quantity.text} Format:(resource.Format){quantity.format}}}"
    )


def _spew_decimal(quantity: Quantity) -> str:
    """inf.Dec has the negative scale; a big.Int has its lowest word first."""
    words, rest = [], abs(quantity.value)
    while rest:
        words.append(str(rest % WORD))
        rest //= WORD
    size = f"[{' '.join(words)}]" if words else "<nil>"
    number = f"{{neg:(bool){'true' if quantity.value < 0 else 'false'} abs:(big.nat){size}}}"
    return f"{{unscaled:(big.Int){number} scale:(inf.Scale){-quantity.scale}}}"
