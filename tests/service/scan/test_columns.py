import pytest

from tocsin.errors import InputError
from tocsin.service.scan import Columns


def refusal(*found: str) -> str:
    with pytest.raises(InputError) as caught:
        Columns().check_header("posts.csv", found)
    return str(caught.value).removeprefix("posts.csv: must have a column 'text'; ")


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(["id", "body"], id="plain names"),
        pytest.param(["_id", "created.at", "reply-to"], id="names as machines write them"),
        pytest.param(["Comment Text", "langue de réponse"], id="names as people write them"),
    ],
)
def test_plain_names_are_listed(names: list[str]) -> None:
    assert refusal(*names) == f"its columns are {', '.join(names)}"


@pytest.mark.parametrize(
    "post",
    [
        pytest.param("come to the rugby", id="more words than a name has"),
        pytest.param("x" * 31, id="longer than a name"),
        pytest.param("soup!", id="punctuation"),
        pytest.param("4711", id="a number"),
        pytest.param("soup\n", id="a line end"),
        pytest.param("\x1b[31msoup", id="an escape"),
        pytest.param("", id="nothing"),
    ],
)
def test_a_post_in_the_place_of_a_name_hides_every_name(post: str) -> None:
    assert refusal("soup", post) == "it has 2 columns, not all of them with plain names"


def test_a_wide_header_is_listed_in_part() -> None:
    assert refusal(*(f"dish{number}" for number in range(25))).endswith("dish18, dish19 and 5 more")
