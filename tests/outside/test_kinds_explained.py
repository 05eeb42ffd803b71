"""`kubectl explain` and `kubectl api-resources` on our schemas, as a real 1.36.2 answered (tests/golden/kubectl-1.36)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster.api import kinds
from tests.outside.small_api import SmallApi, serving

RECORDED = Path(__file__).parent.parent / "golden" / "kubectl-1.36"
SAME = [each for each in sorted(RECORDED.glob("explain_*.txt")) if "--recursive" not in each.name]


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallApi]:
    with serving(tmp_path_factory.mktemp("home")) as found:
        yield found


@pytest.mark.parametrize("recording", [pytest.param(each, id=each.stem) for each in SAME])
def test_explain_answers_as_upstream(api: SmallApi, recording: Path) -> None:
    command, _, rest = recording.read_text().partition("\n")
    answer = api.kubectl(*command.removeprefix("$ kubectl ").split())
    assert f"{answer.stdout}rc={answer.returncode}\n" == rest


def test_all_that_1_36_explains_of_a_deployment_is_explained_in_its_order(api: SmallApi) -> None:
    """1.37 has more fields, requires spec, and no longer a condition's type and status."""
    _, _, rest = (RECORDED / "explain_deploy_--recursive.txt").read_text().replace(" -required-", "").partition("\n")
    ours = iter(api.kubectl("explain", "deploy", "--recursive").stdout.replace(" -required-", "").splitlines())
    assert [line for line in rest.splitlines() if line != "rc=0" and line not in ours] == []


def test_every_kind_is_listed_and_explained(api: SmallApi) -> None:
    listed = api.kubectl("api-resources", "--no-headers").stdout.splitlines()
    rows = {(line.split()[-1], line.split()[-2]) for line in listed}
    for kind in kinds.SERVED.rows:
        assert (kind.name, str(kind.namespaced).lower()) in rows


@pytest.mark.parametrize("kind", [pytest.param(each, id=each.plural) for each in kinds.KEPT])
def test_a_kept_kind_has_a_description_and_fields(api: SmallApi, kind: kinds.Kind) -> None:
    group, version = kind.served[0]
    wanted = [kind.plural, "--api-version", f"{group}/{version}" if group else version]
    answer = api.kubectl("explain", *wanted)
    assert answer.returncode == 0, answer.stderr
    assert f"KIND:       {kind.name}" in answer.stdout
    assert "metadata\t<ObjectMeta>" in answer.stdout
