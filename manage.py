#!/usr/bin/env python
"""Django's command line; `demo` and what works on its cluster choose their data folder before settings are read."""

import os
import sys


def main() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 an older Python gets one clear line
        sys.exit(f"Rollstage needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rollout_site.settings")
    if sys.argv[1:2] == ["demo"] and not {"-h", "--help"} & set(sys.argv):
        from rollout_site.demo_environment import prepare

        prepare(sys.argv[2:])
    if sys.argv[1:2] == ["class"] and not {"-h", "--help"} & set(sys.argv):
        from rollout_site.class_environment import prepare

        prepare(sys.argv[2:])
    if sys.argv[1:2] in (["play"], ["kubeconfig"], ["invite"], ["cluster"]):
        from rollout_site.demo_environment import choose_data

        choose_data(sys.argv[2:])
    from django.core.management import execute_from_command_line

    from rollout_site.one_line import told_in_one_line

    with told_in_one_line("".join(sys.argv[1:2])):
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
