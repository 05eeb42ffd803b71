"""`manage.py makemessages` that also finds the page's strings: t("..."), tn("one", "many", ...) and noop("...") of static/js/format.js."""

from typing import ClassVar

from django.core.management.commands import makemessages


class Command(makemessages.Command):
    xgettext_options: ClassVar = [
        *makemessages.Command.xgettext_options,
        "--keyword=t:1",
        "--keyword=tn:1,2",
        "--keyword=noop:1",
    ]
