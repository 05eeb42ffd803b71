"""`manage.py lesson test FILE...`: parses lessons and plays through their own solutions without a server."""

from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from cluster.classroom.lesson_files import BadLesson, lines_of, load
from cluster.core.lessons.trial import try_out


class Command(BaseCommand):
    help = "Tests lessons: each task's solution must meet its check, and not before its last step."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        test = verbs.add_parser("test", help="play the solutions; the exit code is 1 if any lesson fails")
        test.add_argument("files", nargs="+", type=Path)

    def handle(self, *args: Any, files: list[Path], **options: Any) -> None:  # noqa: ARG002
        failed = [each for each in files if not self.test(each)]
        if failed:
            raise CommandError(f"{len(failed)} of {len(files)} lessons failed")

    def test(self, file: Path) -> bool:
        problems = problems_of(file)
        if not problems:
            self.stdout.write(f"{file}: passed")
        for each in problems:
            self.stderr.write(each)
        return not problems


def problems_of(file: Path) -> list[str]:
    """One line per problem, with file, line and field."""
    try:
        text = file.read_text()
        lesson = load(text)
    except (OSError, UnicodeDecodeError) as error:
        return [f"{file}: {getattr(error, 'strerror', None) or error}"]
    except BadLesson as error:
        return [error.at(str(file))]
    lines = lines_of(text)
    return [
        f"{file}, line {lines.get(('tasks', each.task), 1)}: tasks[{each.task}]: {each.problem}"
        for each in try_out(lesson)
    ]
