import pytest

from cluster.classroom import codes


def test_a_code_has_six_letters_and_digits_without_look_alikes() -> None:
    made = {codes.new_code() for _ in range(500)}
    assert len(made) == 500
    assert {len(each) for each in made} == {codes.LENGTH}
    assert not set("".join(made)) & set("0O1IL2Z5S8B")


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        pytest.param("acdefg", "ACDEFG", id="small letters"),
        pytest.param(" ACD EFG ", "ACDEFG", id="as it is shown"),
        pytest.param("acd-efg", "ACDEFG", id="with a dash"),
        pytest.param("ACDEFGHHHH", "ACDEFGH", id="too long stays too long, and short"),
    ],
)
def test_a_code_is_read_as_people_type_it(typed: str, code: str) -> None:
    assert codes.normal(typed) == code


def test_a_code_that_is_shown_can_be_typed() -> None:
    code = codes.new_code()
    assert codes.normal(codes.spaced(code)) == code
