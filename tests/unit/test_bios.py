"""Notes about the author: cut where they close an article, and left where the author is what it is about."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ingest.boilerplate import strip
from ingest.boilerplate.learn import TrainingArticle, learn
from ingest.model import Article, Block, Learned

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BODY = (
    "The ferry crossed the river twelve times a day until the bridge was opened, and nobody counted its passengers.",
    "Since the bridge has been closed for repairs the ferry is full from dawn to dusk, says the harbour master.",
)


def _stripped(*texts: str, authors: tuple[str, ...]) -> list[str]:
    blocks = tuple(Block(text=text, path="article/p") for text in texts)
    article = Article(
        source="s", url="https://s.example/1", fetched_at=NOON, title="The ferry", authors=authors, blocks=blocks
    )
    learn_result = learn([TrainingArticle(article_id=1, article=article)]).blocks
    learned = Learned(blocks=tuple(block for block in learn_result if block.verdict is not None))
    return [block.text for block in strip(article, learned).kept]


@pytest.mark.parametrize(
    ("authors", "note"),
    [
        (("Ada Holm",), "Ada Holm is a reporter at the Valley Post and the author of two books on rivers."),
        (("Ada Holm",), "The Valley Post's Ada Holm is the author of two books on rivers and their ferries."),
        (("Ada Holm",), "Dr. Ada Holm, PhD, is professor of navigation at the College of the Valley."),
        (("Dirk Vogt",), "Dirk Vogt ist Redakteur der Talpost und schreibt seit Jahren über die Schifffahrt."),
        (("Élise Martin",), "Élise Martin est journaliste au Courrier de la vallée depuis plus de dix ans."),
        (("Elena Ruiz",), "Elena Ruiz es corresponsal del Correo del Valle desde hace más de diez años."),
    ],
)
def test_a_closing_note_about_the_author_is_cut_at_its_first_sight(authors: tuple[str, ...], note: str) -> None:
    assert _stripped(*BODY, note, authors=authors) == list(BODY)


def test_two_authors_have_a_note_each() -> None:
    notes = (
        "Ada Holm is a reporter at the Valley Post, where she covers rivers.",
        "Ben Ortiz is its correspondent on the coast and an engineer by training.",
    )
    assert _stripped(*BODY, *notes, authors=("Ada Holm", "Ben Ortiz")) == list(BODY)


@pytest.mark.parametrize(
    ("authors", "texts"),
    [
        (("Ada Holm",), (*BODY, "Cleo Marsh is the first woman to steer the ferry since it was built.")),
        (("Ada Holm",), ("Ada Holm is mayor of the valley, and this is her letter to its readers.", *BODY)),
        (
            ("Ada Holm",),
            ("I, Ada Holm, took the ferry.", *BODY, "Ada Holm is glad that the ferry still crosses the river."),
        ),
        (("Ada Holm",), (*BODY, "With photographs by Ada Holm, taken from the quay on a windy morning.")),
        (("The Valley Press",), (*BODY, "The Valley Press created this story with data from the harbour office.")),
        (("Admin",), (*BODY, "Admin is a word that the harbour master would rather not hear again.")),
        (("Ada Holm",), ("Ada Holm is a reporter at the Valley Post and the author of two books.",)),
    ],
    ids=["of another person", "opens", "named before", "a credit", "an agency", "one word", "no text beside it"],
)
def test_what_the_article_says_of_people_stays(authors: tuple[str, ...], texts: tuple[str, ...]) -> None:
    assert _stripped(*texts, authors=authors) == list(texts)
