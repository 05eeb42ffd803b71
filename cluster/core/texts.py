"""Texts of the core that people read. The core does not translate them: the code that shows a text does."""


def noop(text: str) -> str:
    """Marks a text for translators (`manage.py makemessages`)."""
    return text
