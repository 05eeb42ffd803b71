"""`manage.py play`: plays a story on the running server, for an audience."""

from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from cluster import statuses
from cluster.core.rehearsals.stories.story import StoryError
from cluster.spaces import DEFAULT_CLUSTER, Space
from cluster.stories import playing
from cluster.stories.story_files import load_stories
from cluster.writing import namespaces
from rollout_site.demo_environment import add_data_argument


class Command(BaseCommand):
    help = "Plays a story live. Ctrl-C ends it between two steps; the cluster goes on from there."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("story", type=Path)
        add_data_argument(parser)
        parser.add_argument("--cluster", default=DEFAULT_CLUSTER, help=f"default: {DEFAULT_CLUSTER}")
        parser.add_argument("--namespace", default="default", help="is made if it is not there (default: default)")

    def handle(self, *args: Any, story: Path, cluster: str, namespace: str, **options: Any) -> None:  # noqa: ARG002
        try:
            found = load_stories(story.read_text(), name=story.stem)
            space = Space(cluster, namespace)
            if namespaces.ensure(space, actor=playing.ACTOR):
                self.stdout.write(f"namespace/{namespace} created")
            for each in found:
                self.stdout.write(each.name)
                playing.play(each, space, self.tell)
        except OSError as error:
            raise CommandError(f"{story}: {error.strerror}") from error
        except (StoryError, statuses.Refused) as error:
            raise CommandError(f"{story}: {error}") from error
        except KeyboardInterrupt:
            self.stdout.write("Stopped. What was done stays; the cluster goes on by itself.")
            raise SystemExit(130) from None

    def tell(self, text: str) -> None:
        self.stdout.write(f"  {text}")
        self.stdout.flush()
