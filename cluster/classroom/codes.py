"""Join codes: six letters and digits without look-alikes, to be read from a wall or said aloud."""

import secrets

ALPHABET = "ACDEFGHJKMNPQRTUVWXY34679"  # without 0 O, 1 I L, 2 Z, 5 S, 8 B
LENGTH = 6


def new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def normal(text: str) -> str:
    """A code as stored: capitals, without spaces and dashes, at most LENGTH + 1 characters."""
    return "".join(each for each in text.upper() if each not in " -\t")[: LENGTH + 1]


def spaced(code: str) -> str:
    """A code as shown: ACD EFG."""
    return f"{code[:3]} {code[3:]}"
