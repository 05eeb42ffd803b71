"""Texts of the core that people read. The core knows no language: who shows a text translates it."""


def noop(text: str) -> str:
    """Marks a text for translators (`manage.py makemessages`)."""
    return text
