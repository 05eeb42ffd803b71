"""`manage.py rehearse`: what a story, or an update of a manifest, will do. Exit code 0 only if all succeed."""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from cluster.core.fields import BadField
from cluster.core.manifests.verbs import read_images_step
from cluster.core.rehearsals import remedies
from cluster.core.rehearsals.assumptions import Assumed
from cluster.core.rehearsals.rehearsal import rehearse
from cluster.core.rehearsals.rehearsed import Rehearsed
from cluster.core.rehearsals.remedies import Remedy
from cluster.core.rehearsals.stories.reading import read_traffic
from cluster.core.rehearsals.stories.story import AskedTraffic, Story, StoryError
from cluster.core.rehearsals.unacted import unacted_in
from cluster.stories import rehearsal_svg, rehearsal_text, variants
from cluster.stories.given_manifests import is_given, read_given
from cluster.stories.story_files import load_stories, parse


class Command(BaseCommand):
    help = "Rehearses a story, or a manifest's update, on a clock of its own: no database, no waiting."
    requires_system_checks: list[str] = []  # nothing of the site is used

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="a story, or manifests with one Deployment; - reads standard input")
        parser.add_argument("--json", action="store_true", help="one JSON document instead of the text")
        parser.add_argument("--svg", type=Path, metavar="FILE", help="also draws film strip and chart into a file")
        traffic = parser.add_argument_group(
            "requests to the Service of the pods (a model; a manifest is assumed to have one)"
        )
        traffic.add_argument("--traffic", metavar="RATE", help="requests a second")
        traffic.add_argument("--belief-delay", metavar="TIME", help="how late proxies hear of a change (1s)")
        traffic.add_argument("--request-takes", metavar="TIME", help="how long a request takes (100ms)")
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
        except (BadField, StoryError) as error:
            raise CommandError(f"{file}: {error}") from error
        results = [told(each) for each in found]
        if options["svg"]:
            write(options["svg"], rehearsal_svg.draw(results[-1].rehearsed))
        self.stdout.write(as_json(results) if options["json"] else as_text(results))
        for each in results:
            if each.rehearsed.problem:
                self.stderr.write(each.rehearsed.problem)
        if not all(each.succeeded for each in results):
            sys.exit(1)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A story to rehearse, and the step from which it is measured. For an update of a manifest: `names`, the values that
    distinguish a variant, `assumes`, its assumptions on images, and `beside`, the manifests that do not act; a story contains all
    of these."""

    story: Story
    start: int = 0
    names: Mapping[str, str] = field(default_factory=dict)
    assumes: Sequence[Assumed] = ()
    beside: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Result:
    """`misses`: the differences from the story's expectation, None without one."""

    asked: Asked
    rehearsed: Rehearsed
    remedies: list[Remedy]
    misses: list[str] | None

    @property
    def succeeded(self) -> bool:
        return self.rehearsed.succeeded if self.misses is None else not self.misses


def told(asked: Asked) -> Result:
    story = asked.story
    rehearsed = rehearse(story, measure_from=asked.start)
    found = remedies.of_story(story, rehearsed, measure_from=asked.start)
    keys = [each.candidate.key for each in found]
    misses = None if story.expects is None else story.expects.misses(rehearsed, keys)
    return Result(asked=asked, rehearsed=rehearsed, remedies=found, misses=misses)


def read(file: str, options: Mapping[str, Any]) -> list[Asked]:
    text = read_text(file)
    documents, _ = parse(text)
    traffic = read_model(options)
    chosen = {key: options[key] for key in variants.OPTIONS}
    if is_given([each for each in documents if isinstance(each, Mapping)]):
        images = {key: value for each in options["image"] for key, value in read_images_step(each).items()}
        made = variants.make_variants(read_given(documents), images, chosen, traffic=traffic.model if traffic else None)
        return [
            Asked(story=e.story, start=variants.UPDATE_STEP, names=e.values, assumes=e.assumes, beside=e.beside)
            for e in made
        ]
    if options["image"] or any(chosen.values()):
        raise StoryError("--image and the limits are for manifests; a story says them in its steps")
    stories = load_stories(text, name=Path(file).stem)
    return [Asked(story=replace(each, traffic=traffic or each.traffic)) for each in stories]


def read_model(options: Mapping[str, Any]) -> AskedTraffic | None:
    """The options' traffic; None where no option is about traffic."""
    named = {"traffic": "requests", "belief_delay": "delay", "request_takes": "takes"}
    given = {key: options[name] for name, key in named.items() if options.get(name) is not None}
    return read_traffic(given) if given else None


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


def as_json(results: Sequence[Result]) -> str:
    documents = [
        {
            **({"variant": dict(each.asked.names)} if each.asked.names else {}),
            **each.rehearsed.as_json(),
            **({"helps": [one.as_json() for one in each.remedies]} if each.remedies else {}),
            **({} if each.misses is None else {"misses": each.misses}),
            **({"assumes": [asdict(one) for one in each.asked.assumes]} if each.asked.assumes else {}),
            **({"unacted": [asdict(one) for one in unacted]} if (unacted := unacted_in(each.asked.story)) else {}),
            **({"beside": list(each.asked.beside)} if each.asked.beside else {}),
        }
        for each in results
    ]
    return json.dumps(documents[0] if len(documents) == 1 else documents, indent=1)


def as_text(results: Sequence[Result]) -> str:
    if len(results) > 1 and results[0].asked.names:
        names = list(results[0].asked.names)
        table = rehearsal_text.compare(names, [([*each.asked.names.values()], each.rehearsed) for each in results])
        traffic = results[0].rehearsed.traffic
        model = [f"  traffic, a model  {rehearsal_text.model_text(traffic)}"] if traffic else []
        assumes = rehearsal_text.assumptions([each.asked.assumes for each in results])
        return "\n".join([table, "", *model, *assumes, *rehearsal_text.unacted(unacted_in(results[0].asked.story))])
    return "\n\n".join("\n".join(lines_of(each)) for each in results)


def lines_of(result: Result) -> Iterator[str]:
    yield rehearsal_text.describe(result.rehearsed)
    yield from rehearsal_text.remedies(result.remedies)
    yield from rehearsal_text.expectation(result.misses)
    yield from rehearsal_text.assumptions([result.asked.assumes])
    yield from rehearsal_text.unacted(unacted_in(result.asked.story))
    if result.asked.beside:
        yield f"  beside            {', '.join(result.asked.beside)}: nothing of them acts in a rehearsal"


def values(text: str) -> list[str]:
    found = [each.strip() for each in text.split(",")]
    if not all(found):
        raise argparse.ArgumentTypeError(f"{text!r}: expected values separated by commas")
    return found
