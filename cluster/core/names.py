"""Names and uids that are not random: derived from the owner's uid and an ordinal, so that a run can be replayed.

The alphabet is apimachinery's pkg/util/rand: no vowels, nothing that reads as a word.
"""

import hashlib
import uuid

SAFE_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
SUFFIX_LENGTH = 5


def derive_uid(owner_uid: str, ordinal: int) -> str:
    digest = hashlib.blake2b(f"{owner_uid}/{ordinal}".encode(), digest_size=16).digest()
    return str(uuid.UUID(bytes=digest, version=4))


def suffix(owner_uid: str, ordinal: int) -> str:
    digest = hashlib.blake2b(f"{owner_uid}:{ordinal}".encode(), digest_size=SUFFIX_LENGTH).digest()
    return "".join(SAFE_ALPHABET[byte % len(SAFE_ALPHABET)] for byte in digest)


def pod_name(replicaset_name: str, owner_uid: str, ordinal: int) -> str:
    return f"{replicaset_name}-{suffix(owner_uid, ordinal)}"
