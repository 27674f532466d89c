"""Full text on both databases: what is found, what is not, and that no question is an error."""

from __future__ import annotations

import sqlite3
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import text

from ingest.errors import SourceError, WrongUse
from ingest.model import Moment, Verdict, VerdictKind
from ingest.store import SearchFilter, Store, open_store
from ingest.store.search import search
from ingest.store.search.snippets import SNIPPET_CHARS, snippet
from ingest.text.search_folding import needs_folding
from ingest.text.search_terms import search_form, terms_of
from tests.store.values import HOUR, NOW, article, source
from tests.unit.test_search_folding import APART, SAME

NEW = Verdict(kind=VerdictKind.NEW)

# language, text, what finds it on both databases, what does not
FOUND: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...] = (
    (
        "en",
        "The council's quick brown foxes were running home; a well-known tale of COVID-19 and 3.5 metres.",
        ("foxes", "FOXES", "fox*", '"quick brown"', "brown quick", "well-known", "covid-19", "3.5", "tale -dog",
         '"running home; a', "council’s", "“quick brown foxes”", "foxes -", "“well known”"),
        ("fo", '"brown quick"', "tale -foxes", "cat", "fox*s", '"foxes home"'),
    ),
    (
        "de",
        "Die Häuser der Straße in Zürich kosten 1.200 Franken.",
        ("Häuser", "hauser", "zürich", "Zurich", "straße", "straß*", '"in Zürich"', "1.200"),
        ("bern", "haus*e"),
    ),
    ("fr", "L’élève préféré a été reçu à l'école.", ("eleve", "élève", "école", "reçu", '"a été"'), ("lycée",)),
    ("ru", "Уши машут ослом.", ("ослом", "ОСЛОМ", "уши машут", "маш*"), ("осёл", "мышь")),
    ("el", "Η Αθήνα είναι η πρωτεύουσα.", ("Αθήνα", "αθήνα"), ("Πάτρα",)),
    ("ja", "東京都は日本の首都です。", ("日本", "首都", "東京", '"日本の首都"', "日本 東京"), ("京日", "大阪")),
    ("zh", "北京是中华人民共和国的首都。", ("人民", "中华人民共和国"), ("民人",)),
    ("th", "กรุงเทพเป็นเมืองหลวง", ("กรุงเทพ", "เมือง"), ("เชียงใหม่",)),
    ("ko", "서울에서 내일 만나요.", ("서울", "내일"), ("부산",)),
    ("hi", "हिन्दी समाचार पत्र", ("समाचार", "हिन्दी"), ("अखबार",)),
    ("ar", "عاصمة مصر هي القاهرة", ("القاهرة", '"عاصمة مصر"'), ("دمشق",)),
    ("tr", "İstanbul'da ılık bir gün", ("ılık", "gün"), ("soğuk",)),
)  # fmt: skip  # a table
STEMS = (("en", "run", 0), ("en", "metre", 0), ("de", "haus", 1))  # PostgreSQL only


@pytest.fixture
def filled(store: Store) -> Store:
    fill(store)
    return store


def fill(store: Store) -> None:
    store.sources.sync([source("a"), source("b")], NOW)
    for number, (language, body, _, _) in enumerate(FOUND):
        store.articles.save(article(number, body, "-Sign up for our newsletter", language=language), NEW, NOW)


def found(store: Store, asked: str, *, most: int = 20, newest: bool = False, **among: Any) -> list[int]:
    """The numbers of the articles found, from 0."""
    hits = store.search.find(asked, SearchFilter(**among), most=most, newest=newest)
    return [hit.article_id - 1 for hit in hits]


def test_words_phrases_beginnings_and_exclusions_find_the_same_on_both_databases(filled: Store) -> None:
    missed = [
        (asked, number) for number, case in enumerate(FOUND) for asked in case[2] if number not in found(filled, asked)
    ]
    wrong = [
        (asked, number) for number, case in enumerate(FOUND) for asked in case[3] if number in found(filled, asked)
    ]
    assert (missed, wrong) == ([], [])


def test_words_of_all_scripts_find_the_same_on_both_databases(store: Store) -> None:
    """However a word is written here and there; in a snippet it is marked where it stands."""
    store.sources.sync([source("a")], NOW)
    for number, (one, other) in enumerate(SAME):
        store.articles.save(article(f"{number}-1", f"xx {one} yy", title=None), NEW, NOW)
        store.articles.save(article(f"{number}-2", f"xx {other} yy", title=None), NEW, NOW)
    exact = [(search_form(one), (2 * number, 2 * number + 1)) for number, (one, _) in enumerate(SAME)]
    wrong = [
        (asked, hits)
        for pair, (form, _) in zip(SAME, exact, strict=True)
        for asked in pair
        if set(hits := found(store, f'"xx {asked} yy"', most=200))
        != {at for same, ids in exact if same == form for at in ids}
    ]
    assert wrong == []
    snippets = [hit.snippet for one, _ in SAME for hit in store.search.find(f'"{one}"')]
    assert len(snippets) >= 2 * len(SAME)
    assert [shown for shown in snippets if "**" not in shown or "**xx" in shown or "yy**" in shown] == []


def test_other_words_are_not_found_by_those_that_look_alike(store: Store) -> None:
    store.sources.sync([source("a")], NOW)
    for number, (one, _) in enumerate(APART):
        store.articles.save(article(number, f"xx {one} yy"), NEW, NOW)
    assert [other for _, other in APART if found(store, f'"xx {other} yy"')] == []


def test_the_databases_fold_what_is_left_to_them(store: Store) -> None:
    """Each Latin letter, punctuation mark and symbol of which no folded copy is stored."""
    store.sources.sync([source("a")], NOW)
    left = [char for char in map(chr, range(0xA0, 0x2100)) if char.isprintable() and not needs_folding(char)]
    assert len(left) > 350
    text = " ".join(f"q{char}z" for char in left)
    store.articles.save(article("one", text), NEW, NOW)
    phrases = [" ".join(f"q{char}z" for char in left[at : at + 40]) for at in range(0, len(left), 40)]
    missed = [phrase for phrase in phrases if not found(store, f'"{search_form(phrase)}"')]
    assert missed == []


def test_postgresql_finds_words_by_their_stems(filled: Store) -> None:
    stems = filled._work.engine.dialect.name == "postgresql"
    for language, asked, number in STEMS:
        assert (number in found(filled, asked)) is stems
        assert (number in found(filled, asked, language=language)) is stems
        assert number not in found(filled, f'"{asked}"')


def test_what_was_cut_is_not_found(filled: Store) -> None:
    assert found(filled, "newsletter") == []
    assert found(filled, '"Sign up for our newsletter"') == []


def test_the_index_follows_every_change_of_a_text(store: Store) -> None:
    store.sources.sync([source("a")], NOW)
    _, number = store.articles.save(article("one", "Old words.", "Subscribe today."), NEW, NOW)
    assert found(store, "old") == found(store, "subscribe") == [number - 1]
    store.articles.restrip({number: article("one", "Old words.", "-Subscribe today.")})
    assert (found(store, "old"), found(store, "subscribe")) == ([number - 1], [])
    revision = Verdict(kind=VerdictKind.REVISION, of=number)
    store.articles.save(article("one", "新しい言葉。", fetched_at=NOW + HOUR, title="見出し"), revision, NOW + HOUR)
    assert (found(store, "old"), found(store, "言葉"), found(store, "見出し")) == ([], [number - 1], [number - 1])
    store.articles.reread(number, article("one", "Read again.", title="Heading"))
    assert (found(store, "言葉"), found(store, "見出し"), found(store, "again"), found(store, "heading")) == (
        [], [], [number - 1], [number - 1],
    )  # fmt: skip  # a table
    store.forget_url(article("one").url, NOW)
    assert found(store, "again") == []
    with store._work.reading() as connection:
        if connection.dialect.name == "sqlite":
            check = "INSERT INTO article_search(article_search, rank) VALUES ('integrity-check', 1)"
            connection.execute(text(check))


def test_postgresql_makes_the_words_again_without_a_search_path(postgres_url: str) -> None:
    """As the restoring of a dump does."""
    with open_store(postgres_url) as store:
        fill(store)
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute("SELECT set_config('search_path', '', false)")
            connection.execute("UPDATE public.revision SET body = body || ' zeppelins', body_words = NULL")
        assert len(found(store, "zeppelins")) == len(FOUND)
        assert 0 in found(store, "zeppelin")  # by its stem


def test_an_undone_transaction_leaves_no_word(store: Store) -> None:
    store.sources.sync([source("a")], NOW)
    with pytest.raises(ZeroDivisionError), store.transaction():  # noqa: PT012 - the transaction is what is tested
        store.articles.save(article("one", "Mumpitz."), NEW, NOW)
        assert found(store, "mumpitz") == [0]
        raise ZeroDivisionError
    assert found(store, "mumpitz") == []


def test_texts_of_any_size_and_kind_are_saved_and_searched(store: Store) -> None:
    store.sources.sync([source("a")], NOW)
    many = " ".join(f"{chr(0x905 + n % 50)}{n:x}{chr(0x915 + n % 30)}" for n in range(30_000))
    for number, body in enumerate((many, "x" * 300_000, "first " + " ".join(map(str, range(50_000))), "٣" * 5000, "")):
        assert store.articles.save(article(number, body, title=body[:50_000], language="hi"), NEW, NOW)[1] == number + 1
    assert found(store, "first") == [2]


def test_an_index_that_fell_behind_is_reported_by_the_check(sqlite_url: str) -> None:
    with open_store(sqlite_url) as store:
        store.sources.sync([source("a")], NOW)
        store.articles.save(article("one", "Old words."), NEW, NOW)
        assert "search-differs" not in [fault.kind for fault in store.check()]
        with store._work.transaction() as connection:
            connection.execute(text("DROP TRIGGER revision_searched_again"))
            connection.execute(text("UPDATE revision SET body = 'Other words.'"))
        (fault,) = [fault for fault in store.check() if fault.kind == "search-differs"]
        with store._work.transaction() as connection:
            connection.execute(text(fault.detail.partition("SQL: ")[2]))
        assert found(store, "other") == [0]


def test_results_are_filtered(store: Store) -> None:
    store.sources.sync([source("a"), source("b")], NOW)
    day = Moment.of_day(date(2026, 2, 10))
    instant = Moment.of_instant(NOW - timedelta(days=3))
    store.articles.save(article("x", "Tea.", published=day, authors=("Ann O'Neil",), language="en"), NEW, NOW)
    store.articles.save(
        article("y", "Tea.", "More.", published=instant, authors=("Bo 100%",), language="pt-BR"), NEW, NOW
    )
    store.articles.save(article("z", "Tea.", "Milk.", source="b"), NEW, NOW)
    assert sorted(found(store, "tea")) == [0, 1, 2]
    assert found(store, "tea", source="b") == [2]
    assert found(store, "tea", language="EN") == [0]
    assert found(store, "tea", language="pt") == [1]
    assert found(store, "tea", author="o'neil") == [0]
    assert found(store, "tea", author="100%") == [1]
    assert found(store, "tea", author="%") == [1]
    assert sorted(found(store, "tea", since=NOW - timedelta(days=5))) == [1, 2]
    assert found(store, "tea", until=NOW - timedelta(days=5)) == [0]
    assert found(store, "tea", since=NOW - timedelta(days=40), until=NOW - timedelta(days=1)) in ([0, 1], [1, 0])
    assert found(store, "tea", newest=True) == [2, 1, 0]
    hits = store.search.find("tea", newest=True)
    assert [(hit.published, hit.authors, hit.language) for hit in hits[1:]] == [
        (instant, ("Bo 100%",), "pt-BR"), (day, ("Ann O'Neil",), "en"),
    ]  # fmt: skip  # a table
    assert found(store, "tea", newest=True, most=1) == [2]
    with pytest.raises(SourceError, match="not in the database"):
        store.search.find("tea", SearchFilter(source="nowhere"))


def test_a_word_in_the_title_counts_more(store: Store) -> None:
    store.sources.sync([source("a")], NOW)
    store.articles.save(article("x", "Coffee once, and a lot of other words.", title="Drinks"), NEW, NOW)
    store.articles.save(article("y", "Only other words here, a lot of them.", title="Coffee"), NEW, NOW)
    assert found(store, "coffee") == [1, 0]


ODD = (
    *('"', '""', "*", "-", "- -", "AND", "a AND", "NOT", "NEAR(a b", "title:a", "{a b}:c", "a^2", "(", ")", "a OR b"),
    *("\\", "'", "''", ":*", "a:*", "!a", "a & | b", "<->", "a <2> b", "%", "_", "\x00", "a\x00b", "\ud800", "a\ud800"),
    *("🙂", "a" * 5000, "a " * 3000, '"a ' * 500, "-a", "-a -b", "'; DROP TABLE article; --", "\\'", "a\\", "`"),
    *("$$", "½", "ﬁ", "º", "\u200d"),
)


def ask_anything(store: Store, asked: str) -> str | None:
    """What went wrong, None when nothing did or it is told in one line."""
    try:
        store.search.find(asked)
    except WrongUse as caught:
        return f"{asked!r}: {caught}" if "\n" in str(caught) else None
    except Exception as fault:
        return f"{asked!r}: {fault!r}"
    return None


def test_no_question_is_a_fault(filled: Store) -> None:
    assert [fault for asked in ODD if (fault := ask_anything(filled, asked))] == []


@given(some.text(alphabet=some.one_of(some.sampled_from("\"'*-:()&|!<>\\ ^{}aé京"), some.characters()), max_size=30))
def test_no_text_at_all_makes_a_question_of_another_kind(asked: str) -> None:
    """The terms of FTS5 and PostgreSQL are made of what is left: letters, and quotes of ours."""
    try:
        terms = terms_of(asked)
    except WrongUse:
        return
    assert any(not term.excluded for term in terms)
    assert all('"' not in term.text and "\x00" not in term.text and term.words for term in terms)


# ---------------------------------------------------------------- terms and snippets


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("fox", "(fox)"),
        ("fox dog", "(fox) (dog)"),
        ('"a b" c', '("a b") (c)'),
        ("-x y", "-(x) (y)"),
        ("wor*", "(wor)"),
        ('"open', '("open")'),
        ('say"now" "', '(say) ("now")'),
        ("日本", "(日 本)"),
        ("--x y", "-(x) (y)"),
    ],
)
def test_questions_are_read_as_terms(asked: str, shown: str) -> None:
    read = [
        f"{'-' * term.excluded}({chr(34) * term.exact}{term.text.strip()}{chr(34) * term.exact})"
        for term in terms_of(asked)
    ]
    assert " ".join(read) == shown


@pytest.mark.parametrize(("asked", "why"), [("", "no word"), ("?!", "no word"), ("-a", "only says")])
def test_a_question_without_a_word_is_refused_with_what_to_write(asked: str, why: str) -> None:
    with pytest.raises(WrongUse, match=why):
        terms_of(asked)


def test_a_snippet_shows_the_window_with_most_of_what_was_asked() -> None:
    body = "Alpha begins. " + "Filler goes on here. " * 40 + "Then alpha meets beta at last. " + "More filler. " * 40
    shown = snippet(body, terms_of("alpha beta"))
    assert "**alpha** meets **beta**" in shown
    assert shown.startswith("...")
    assert shown.endswith("...")
    assert len(shown) <= SNIPPET_CHARS + len("......") + 4 * len("****")


def test_a_snippet_of_a_text_without_the_word_is_its_beginning() -> None:
    assert snippet("Only the title has it.\nSecond line.", terms_of("nowhere")) == "Only the title has it. Second line."
    assert snippet("", terms_of("x")) == ""


@given(some.text(max_size=400), some.text(max_size=20))
def test_a_snippet_without_its_marks_is_a_part_of_the_text(body: str, asked: str) -> None:
    try:
        terms = terms_of(asked)
    except WrongUse:
        return
    if "*" in body or "." in body:
        return
    assert snippet(body, terms).replace("**", "").strip(".") in " ".join(body.split())


def test_of_very_many_finds_the_newest_are_ranked_and_the_newest_are_the_newest(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.sources.sync([source("a"), source("b")], NOW)
    for number in range(30):
        day = Moment.of_day(date(2026, 2, 1) + timedelta(days=number * 7 % 30))
        words = "Tea. " * (1 + number % 5) + f"Cup {number}. " + "Milk and sugar. " * 5
        store.articles.save(article(number, words, published=day, source="ab"[number % 2]), NEW, NOW)
    newest = sorted(range(30), key=lambda number: -(number * 7 % 30))
    for considered, many in ((10_000, 20_000), (8, 10)):
        monkeypatch.setattr(search, "CONSIDERED", considered)
        monkeypatch.setattr(search, "MANY", many)
        monkeypatch.setattr(search, "WALKED", 4)
        assert found(store, "tea", newest=True, most=5) == newest[:5]
        assert found(store, "tea", newest=True, most=3, source="a") == [one for one in newest if one % 2 == 0][:3]
        assert len(store.search.ids("tea")) == 30
        assert len(found(store, "cup tea", most=30)) == 30
        early = NOW - timedelta(days=20)
        assert set(found(store, "tea", until=early, most=30)) == {one for one in range(30) if one * 7 % 30 < 9}
    (first, *_) = found(store, "tea", most=4)
    assert first in range(22, 30)
    assert first % 5 == 4
    assert len(store.search.find("tea sugar -coffee", newest=True, most=2)) == 2


def test_an_index_in_the_form_of_a_newer_sqlite_is_built_anew(sqlite_url: str) -> None:
    with open_store(sqlite_url) as store:
        store.sources.sync([source("a")], NOW)
        store.articles.save(article("one", "Tea and more."), NEW, NOW)
        if sqlite3.sqlite_version_info >= (3, 42):
            pytest.skip("this SQLite reads both forms")
        with store._work.transaction() as connection:
            connection.exec_driver_sql("UPDATE article_search_config SET v = 5 WHERE k = 'version'")
    with open_store(sqlite_url) as store:
        assert found(store, "tea") == [0]
        store.articles.save(article("two", "Tea again."), NEW, NOW)
        assert len(found(store, "tea")) == 2
        assert store.check() == ()
