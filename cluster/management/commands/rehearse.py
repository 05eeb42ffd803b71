"""`manage.py rehearse`: what a story, or an update of a manifest, will do. Exit code 0 only if all goes well."""

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from cluster.core.rehearsals.assumptions import Assumed
from cluster.core.rehearsals.rehearsal import rehearse
from cluster.core.rehearsals.rehearsed import Rehearsed
from cluster.core.rehearsals.stories import Story, StoryError, read_images
from cluster.stories import rehearsal_svg, rehearsal_text, variants
from cluster.stories.story_files import load_stories, parse


class Command(BaseCommand):
    help = "Rehearses a story, or a manifest's update, on a clock of its own: no database, no waiting."
    requires_system_checks: list[str] = []  # nothing of the site is touched

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="a story or a Deployment manifest; - reads standard input")
        parser.add_argument("--json", action="store_true", help="one JSON document instead of the text")
        parser.add_argument("--svg", type=Path, metavar="FILE", help="also draws film strip and chart into a file")
        update = parser.add_argument_group(
            "an update of a manifest (several values, separated by commas, are compared)"
        )
        update.add_argument("--image", action="append", default=[], metavar="NAME=IMAGE", help="without: a restart")
        for key, option in variants.OPTIONS.items():
            name = f"--{key.replace('_', '-')}"
            update.add_argument(name, type=values, default=[], metavar="VALUES", help=option.help)

    def handle(self, *args: Any, file: str, **options: Any) -> None:  # noqa: ARG002
        try:
            found = read(file, options)
        except StoryError as error:
            raise CommandError(f"{file}: {error}") from error
        results = [(names, rehearse(story, measure_from=start), assumes) for names, story, start, assumes in found]
        if options["svg"]:
            write(options["svg"], rehearsal_svg.draw(results[-1][1]))
        self.stdout.write(as_json(results) if options["json"] else as_text(results))
        for _, each, _ in results:
            if each.problem:
                self.stderr.write(each.problem)
        if not all(each.succeeded for _, each, _ in results):
            sys.exit(1)


Results = list[tuple[Mapping[str, str], Rehearsed, list[Assumed]]]


def read(file: str, options: Mapping[str, Any]) -> list[tuple[Mapping[str, str], Story, int, list[Assumed]]]:
    """(the values that set it apart, the story, the step from which it is measured, what it assumes of images) of everything
    to rehearse; a story says itself what it assumes."""
    text = read_text(file)
    data, _ = parse(text)
    chosen = {key: options[key] for key in variants.OPTIONS}
    if isinstance(data, Mapping) and "kind" in data:
        images = {key: value for each in options["image"] for key, value in read_images(each, {}).items()}
        made = variants.make_variants(data, images, chosen)
        return [(each.values, each.story, variants.UPDATE_STEP, each.assumes) for each in made]
    if options["image"] or any(chosen.values()):
        raise StoryError("--image and the limits are for manifests; a story says them in its steps")
    return [({}, story, 0, []) for story in load_stories(text, name=Path(file).stem)]


def read_text(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise StoryError(getattr(error, "strerror", None) or str(error)) from error


def write(file: Path, text: str) -> None:
    try:
        file.write_text(text)
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}") from error


def as_json(results: Results) -> str:
    documents = [
        {
            **({"variant": dict(names)} if names else {}),
            **each.as_json(),
            **({"assumes": [asdict(one) for one in assumes]} if assumes else {}),
        }
        for names, each, assumes in results
    ]
    return json.dumps(documents[0] if len(documents) == 1 else documents, indent=1)


def as_text(results: Results) -> str:
    if len(results) > 1 and results[0][0]:
        names = list(results[0][0])
        table = rehearsal_text.compare(names, [([*chosen.values()], each) for chosen, each, _ in results])
        return "\n".join([table, "", *rehearsal_text.assumptions([assumes for _, _, assumes in results])])
    return "\n\n".join(
        "\n".join([rehearsal_text.describe(each), *rehearsal_text.assumptions([assumes])])
        for _, each, assumes in results
    )


def values(text: str) -> list[str]:
    found = [each.strip() for each in text.split(",")]
    if not all(found):
        raise argparse.ArgumentTypeError(f"{text!r}: values separated by commas are wanted")
    return found
