"""`manage.py makemessages` that also finds the page's texts, t("..."), tn("one", "many", ...), noop("...") of static/js/lib/words.js,
and the core's, noop("...") of cluster/core/texts.py."""

from typing import Any

from django.core.management.commands import makemessages

KEYWORDS = ("--keyword=t:1", "--keyword=tn:1,2", "--keyword=noop:1")


class Command(makemessages.Command):
    def __init__(self) -> None:
        super().__init__()
        self.xgettext_options = [*self.xgettext_options, *KEYWORDS]

    def handle(self, *args: Any, **options: Any) -> str | None:
        options["ignore_patterns"] = [*options["ignore_patterns"], "node_modules", "tests"]
        return super().handle(*args, **options)
