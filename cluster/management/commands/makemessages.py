"""`manage.py makemessages` that also finds the page's texts: t("..."), tn("one", "many", ...), noop("...") of static/js/lib/words.js."""

from django.core.management.commands import makemessages

KEYWORDS = ("--keyword=t:1", "--keyword=tn:1,2", "--keyword=noop:1")


class Command(makemessages.Command):
    def __init__(self) -> None:
        super().__init__()
        self.xgettext_options = [*self.xgettext_options, *KEYWORDS]
