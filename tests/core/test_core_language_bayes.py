import numpy as np
import pytest
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from tocsin.language_bayes import NaiveBayes, naive_bayes

TEXTS = [
    "We bake bread every morning and it rains.",
    "WE BAKE BREAD EVERY MORNING",
    "Das Brot muss langsam im Ofen backen.",
    "Хлеб печётся медленно, а суп уже готов.",
    "Чорба је готова, а хлеб је у пећи.",
    "Čorba je gotova, a hleb je u peći.",
    "今日は暑いので冷たいスープを作ります。",
    "soup",
    "s",
    "cafe\u0301 au lait",
    "soup \ud800",
    " the bread is in the oven ",
    "1234",
    "bread " * 300,
]


@pytest.fixture(scope="module")
def model() -> NaiveBayes:
    return naive_bayes()


def named(model: NaiveBayes, row: np.ndarray) -> dict[str, float]:
    """Return probabilities by language; one that has two scripts has two columns."""
    return {
        language: sum(np.exp(row[place]) for place, known in enumerate(model.languages) if known == language)
        for language in model.languages
    }


def test_probabilities_are_those_of_the_library(model: NaiveBayes) -> None:
    theirs = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)

    for text, row in zip(TEXTS, model.log_probabilities(TEXTS), strict=True):
        expected = dict(theirs.rank(text))
        ours = named(model, row)
        assert ours.keys() == expected.keys()
        assert [ours[language] for language in expected] == pytest.approx(list(expected.values()), abs=2e-5)


@pytest.mark.parametrize("together", [1, 2, 11, 12, 13, 1_023, 1_024, 1_025, 3_000])
def test_a_text_has_the_same_row_whichever_texts_stand_beside_it(model: NaiveBayes, together: int) -> None:
    texts = [TEXTS[place % len(TEXTS)] for place in range(together)]
    alone = {text: model.log_probabilities([text])[0] for text in set(texts)}

    rows = model.log_probabilities(texts)

    assert all(np.array_equal(row, alone[text]) for row, text in zip(rows, texts, strict=True))


def test_a_text_without_any_feature_is_in_every_language_alike(model: NaiveBayes) -> None:
    (row,) = model.log_probabilities([""])

    assert np.exp(row) == pytest.approx(np.full(len(model.languages), 1 / len(model.languages)))


def test_empty_texts_do_not_disturb_their_neighbours(model: NaiveBayes) -> None:
    among = model.log_probabilities(["", *TEXTS, "", ""])

    assert np.array_equal(among[1:-2], model.log_probabilities(TEXTS))
    assert np.array_equal(model.log_probabilities([""] * 20), np.repeat(among[:1], 20, axis=0))


def test_of_no_texts_there_are_no_rows(model: NaiveBayes) -> None:
    assert model.log_probabilities([]).shape == (0, len(model.languages))


def test_probabilities_add_up_to_one(model: NaiveBayes) -> None:
    assert np.exp(model.log_probabilities(TEXTS)).sum(axis=1) == pytest.approx(np.ones(len(TEXTS)))
