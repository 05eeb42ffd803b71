"""A password rule in addition to Django's."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

FEWEST_CHARACTERS = 5


class DifferentCharactersValidator:
    """Refuses passwords such as "aaaaaaaa" and "abababab"."""

    def validate(self, password: str, user: Any = None) -> None:  # noqa: ARG002 Django's signature
        if len(set(password)) < FEWEST_CHARACTERS:
            raise ValidationError(self.get_help_text(), code="password_of_few_characters")

    def get_help_text(self) -> str:
        return _("Your password must contain at least %(count)d different characters.") % {"count": FEWEST_CHARACTERS}
