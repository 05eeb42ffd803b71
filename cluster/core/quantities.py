"""Resource quantities (apimachinery pkg/api/resource/quantity.go): parsing, and how spew shows one in a hash."""

import re
from dataclasses import dataclass

PATTERN = re.compile(r"([+-]?)(\d+(?:\.\d*)?|\.\d+)(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?\d+)?")
BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}


@dataclass(frozen=True, kw_only=True, slots=True)
class Quantity:
    """`value` * 10 ** `scale`."""

    value: int
    scale: int
    format: str
    text: str


def parse(text: str) -> Quantity:
    """Raises ValueError with upstream's words."""
    found = PATTERN.fullmatch(text)
    if found is None:
        raise ValueError("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")
    sign, number, unit = found[1], found[2], found[3] or ""
    whole, _, fraction = number.partition(".")
    fraction = fraction.rstrip("0")
    value, scale = int((whole or "0") + fraction) * (-1 if sign == "-" else 1), -len(fraction)
    if unit in BINARY:
        return Quantity(value=(value << BINARY[unit]) // 10**-scale, scale=0, format="BinarySI", text=text)
    if unit in DECIMAL:
        return Quantity(value=value, scale=scale + DECIMAL[unit], format="DecimalSI", text=text)
    return Quantity(value=value, scale=scale + int(unit[1:]), format="DecimalExponent", text=text)


def spew_quantity(value: object) -> str:
    """The cached text is kept by a decimal quantity only."""
    quantity = parse(str(value))
    text = "" if quantity.format == "BinarySI" else quantity.text
    amount = f"{{value:(int64){quantity.value} scale:(resource.Scale){quantity.scale}}}"
    return (
        f"{{i:(resource.int64Amount){amount} d:(resource.infDecAmount){{Dec:(*inf.Dec)<nil>}} "
        f"s:(string){text} Format:(resource.Format){quantity.format}}}"
    )
