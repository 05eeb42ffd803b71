"""`manage.py cluster create|rename|reset|delete|list`: the clusters of this server."""

from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError, CommandParser

from cluster import models, statuses
from cluster.core.rehearsals.stories.story import StoryError
from cluster.stories import staging, story_files
from cluster.writing import clusters
from rollout_site.demo_environment import add_data_argument


class Command(BaseCommand):
    help = "Lists, makes, renames, resets and deletes clusters."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        add_data_argument(verbs.add_parser("list", help="every cluster with its owner"))
        create = verbs.add_parser("create", help="a cluster with three nodes and the namespace default")
        create.add_argument("--owner", default="", help="a user, who becomes its admin")
        create.add_argument("--example", action="store_true", help="put the book's Deployment into it")
        rename = verbs.add_parser("rename", help="members keep their roles, kubeconfigs need the new path")
        reset = verbs.add_parser("reset", help="as a new cluster, with its members")
        delete = verbs.add_parser("delete", help="with everything in it")
        reset.add_argument("--example", action="store_true", help="with the book's Deployment")
        reset.add_argument(
            "--story",
            default="",
            help="to the stage of a story: a file, or the name of one in stories/ (such as drain)",
        )
        for each in (create, rename, reset, delete):
            each.add_argument("name")
            add_data_argument(each)
        rename.add_argument("new")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:  # noqa: ARG002
        try:
            getattr(self, verb)(**options)
        except statuses.Refused as refused:
            raise CommandError(str(refused)) from refused

    def list(self, **options: Any) -> None:  # noqa: ARG002
        for row in models.Cluster.objects.select_related("owner"):
            self.stdout.write(f"{row.name}\t{row.owner or '-'}")

    def create(self, *, name: str, owner: str, example: bool, **options: Any) -> None:  # noqa: ARG002
        user = get_user_model().objects.filter(username=owner).first() if owner else None
        if owner and user is None:
            raise CommandError(f"there is no user {owner!r}")
        clusters.found(name, user, clusters.example() if example else clusters.EMPTY)
        self.stdout.write(f"cluster/{name} created")

    def rename(self, *, name: str, new: str, **options: Any) -> None:  # noqa: ARG002
        clusters.rename(name, new)
        self.stdout.write(f"cluster/{name} renamed to {new}")

    def reset(self, *, name: str, example: bool, story: str, **options: Any) -> None:  # noqa: ARG002
        if example and story:
            raise CommandError("--example and --story are two stages; give one of them")
        stage = read_stage(story) if story else staging.stage_named("example" if example else "empty")
        clusters.reset(name, stage)
        self.stdout.write(f"cluster/{name} reset")

    def delete(self, *, name: str, **options: Any) -> None:  # noqa: ARG002
        clusters.delete(name)
        self.stdout.write(f"cluster/{name} deleted")


def read_stage(story: str) -> clusters.Stage:
    """The stage of a story in the library, or in a file."""
    if story in story_files.library():
        return staging.stage_named(story)
    path = Path(story)
    try:
        return staging.stage_of(story_files.load_stories(path.read_text(), name=path.stem)[0])
    except OSError as error:
        known = ", ".join(story_files.library())
        raise CommandError(f"{story}: {error.strerror}; the stories that come along are {known}") from error
    except (StoryError, UnicodeDecodeError) as error:
        raise CommandError(f"{story}: {error}") from error
