"""QR codes, drawn as SVG."""

import segno
from django.utils.safestring import SafeString, mark_safe


def drawn(text: str) -> SafeString:
    """Scales with its container; dark on light in both themes, since some phones read no other."""
    code = segno.make(text, error="m", micro=False)
    return mark_safe(code.svg_inline(omitsize=True, dark="#000", light="#fff", border=3))  # noqa: S308 modules only
