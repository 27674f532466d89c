"""Pages made up for training: kinds and scripts that the corpus has few of. Invented words only, no site's text.

Live blogs, galleries, recipes, interviews, questions and answers, numbered lists, tables, articles with lists of links
that belong to them and with such that do not; in several scripts, under telling, hashed or no class names. The model
sees shapes, links and places, never words, so that syllables do for language. They train and are never scored.
"""

from __future__ import annotations

import html
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

SEED = 11
PAGES_A_KIND = 12
# Syllables and sentence ends of scripts; the last three part no words by spaces.
SCRIPTS = {
    "latin": ("ka ro mi ten sal ver dun pel os ira len to ba gri fa nu", ". ! ?", " "),
    "german": ("schaf ter gen wald über ung stra ße mün kel hau den lich bro", ". ! ?", " "),
    "cyrillic": ("ка ро ми тен сал вер дун пел ос ира лен то ба гри", ". ! ?", " "),
    "greek": ("κα ρο μι τεν σαλ βερ δουν πελ ος ιρα λεν το", ". ! ;", " "),
    "arabic": ("كا رو مي تن سل ور دن بل اس لن تو با", ". ! ؟", " "),
    "hebrew": ("כא רו מי תן סל ור דן פל אס לן תו בא", ". ! ?", " "),
    "devanagari": ("का रो मी तन सल वर दन पल ओस लन तो बा", "। ! ?", " "),
    "japanese": ("か ろ み 天 地 人 市 は の を 国 会 新", "。 ！ ？", ""),
    "chinese": ("天 地 人 市 国 会 新 山 水 大 中 上 的 了", "。 ！ ？", ""),
    "thai": ("กา โร มี ตน สล วร ดน พล ลน โต", " ", ""),
}


@dataclass(slots=True)
class Made:
    """A page and the lines of it that are its article."""

    kind: str
    page: str
    wanted: Sequence[str]


@dataclass(slots=True)
class _Maker:
    """One page in the making: `chance` decides everything, `wanted` gathers what belongs to the article."""

    chance: random.Random
    syllables: Sequence[str]
    ends: Sequence[str]
    space: str
    naming: str
    wanted: list[str] = field(default_factory=list)

    def words(self, least: int, most: int) -> str:
        """Some words."""
        parts = (
            "".join(self.chance.choices(self.syllables, k=self.chance.randint(1, 4)))
            for _ in range(self.chance.randint(least, most))
        )
        return self.space.join(parts).capitalize()

    def paragraph(self, least: int = 2, most: int = 5) -> str:
        """Some sentences."""
        sentences = (
            self.words(5, 9) + ", " + self.words(4, 12).lower() + self.chance.choice(self.ends)
            for _ in range(self.chance.randint(least, most))
        )
        return " ".join(sentences)

    def called(self, name: str) -> str:
        """A class attribute: the name as it is, a generated one, or none."""
        if self.naming == "telling":
            return f' class="{name}"'
        if self.naming == "hashed":
            return f' class="css-{random.Random(name).getrandbits(32):x}"'
        return ""

    def box(self, name: str, *inner: str, tag: str = "div") -> str:
        """An element around others."""
        return f"<{tag}{self.called(name)}>{''.join(inner)}</{tag}>"

    def keep(self, tag: str, text: str, *, name: str = "") -> str:
        """An element whose text is part of the article."""
        self.wanted.append(text)
        return f"<{tag}{self.called(name) if name else ''}>{html.escape(text)}</{tag}>"

    def drop(self, tag: str, text: str, *, name: str = "") -> str:
        """An element whose text is not."""
        return f"<{tag}{self.called(name) if name else ''}>{html.escape(text)}</{tag}>"

    def link(self, least: int = 1, most: int = 3) -> str:
        """A link that is not part of the article."""
        return f'<a href="/{self.chance.getrandbits(24):x}">{self.words(least, most)}</a>'

    def links(self, name: str, *, count: int = 6, tag: str = "ul", least: int = 4, most: int = 9) -> str:
        """A list of links to other articles."""
        items = "".join(f"<li>{self.link(least, most)}</li>" for _ in range(self.chance.randint(3, count)))
        return self.box(name, f"<{tag}>{items}</{tag}>")

    def paragraphs(self, least: int, most: int) -> str:
        """Paragraphs of the article, now and then with a link in them."""
        return "".join(self._linked(self.paragraph()) for _ in range(self.chance.randint(least, most)))

    def _linked(self, text: str) -> str:
        self.wanted.append(text)
        if self.chance.random() < 0.3 and len(text) > 60:
            return f'<p>{html.escape(text[:20])}<a href="/x">{html.escape(text[20:40])}</a>{html.escape(text[40:])}</p>'
        return f"<p>{html.escape(text)}</p>"

    def between(self) -> str:
        """What sites put between paragraphs."""
        return self.chance.choice(
            (
                "",
                "",
                "",
                self.links("related", count=4),
                self.box("ad", self.drop("span", self.words(1, 2))),
                self.box("newsletter", self.drop("p", self.words(6, 12)), "<form><input type=email></form>"),
                self.box("share", self.link(), self.link(), self.link()),
                f"<p>{self.words(1, 2)}: {self.link(5, 9)}</p>",
            )
        )


def _live(maker: _Maker) -> str:
    intro = maker.paragraphs(1, 3)
    updates = []
    for _ in range(maker.chance.randint(8, 25)):
        stamp = maker.drop("time", f"{maker.chance.randint(0, 23)}:{maker.chance.randint(10, 59)}", name="timestamp")
        head = maker.keep("h3", maker.words(4, 9)) if maker.chance.random() < 0.7 else ""
        text = maker.paragraphs(1, 3)
        updates.append(maker.box("update", stamp, head, text, maker.box("share", maker.link(), maker.link())))
    return intro + maker.box("live-feed", *updates)


def _gallery(maker: _Maker) -> str:
    intro = maker.paragraphs(1, 3)
    count = maker.chance.randint(6, 15)
    slides = [
        maker.box(
            "slide",
            "<img src=x.jpg>",
            maker.drop("span", f"{at} / {count}", name="counter"),
            maker.keep("p", maker.paragraph(1, 2), name="text"),
            maker.drop("span", "© " + maker.words(2, 3), name="credit"),
        )
        for at in range(1, count + 1)
    ]
    return intro + maker.box("gallery", *slides)


def _recipe(maker: _Maker) -> str:
    jump = maker.box("jump", maker.link(), maker.link(), tag="nav")
    intro = maker.paragraphs(2, 5)
    head, next_head = maker.words(1, 2), maker.words(1, 2)
    maker.wanted.append(head)
    parts = "".join(
        maker.keep("li", f"{maker.chance.randint(1, 500)} g {maker.words(1, 3)}")
        for _ in range(maker.chance.randint(5, 12))
    )
    maker.wanted.append(next_head)
    steps = "".join(maker.keep("li", maker.paragraph(1, 3)) for _ in range(maker.chance.randint(4, 9)))
    rating = maker.box("rating", *(maker.drop("span", "★") for _ in range(5)), maker.drop("span", "4.7 (123)"))
    return (
        jump
        + intro
        + maker.box(
            "recipe",
            f"<h2>{head}</h2><ul>{parts}</ul>",
            maker.between(),
            f"<h2>{next_head}</h2><ol>{steps}</ol>",
            rating,
        )
    )


def _interview(maker: _Maker) -> str:
    intro = maker.paragraphs(1, 2)
    turns = []
    for _ in range(maker.chance.randint(6, 14)):
        question = maker.words(5, 14) + maker.ends[-1]
        maker.wanted.append(question)
        turns.append(f"<p><strong>{html.escape(question)}</strong></p>" + maker.paragraphs(1, 2) + maker.between())
    return intro + "".join(turns)


def _answers(maker: _Maker) -> str:
    intro = maker.paragraphs(2, 4)
    parts = []
    for _ in range(maker.chance.randint(4, 10)):
        question = maker.words(4, 10) + maker.ends[-1]
        maker.wanted.append(question)
        parts.append(f"<details><summary>{html.escape(question)}</summary>{maker.paragraphs(1, 2)}</details>")
    return intro + maker.box("faq", *parts)


def _numbered(maker: _Maker) -> str:
    intro = maker.paragraphs(1, 3)
    parts = []
    for at in range(1, maker.chance.randint(5, 12)):
        head = maker.keep("h2", f"{at}. {maker.words(2, 6)}")
        offer = maker.box("offer", maker.drop("span", f"{maker.chance.randint(5, 90)},99 €"), maker.link(2, 3))
        parts.append(maker.box("card", head, maker.paragraphs(1, 3), offer))
    return intro + "".join(parts)


def _table(maker: _Maker) -> str:
    intro = maker.paragraphs(3, 6)
    rows = []
    for _ in range(maker.chance.randint(5, 20)):
        cells = [maker.words(1, 2), str(maker.chance.randint(1, 999)), f"{maker.chance.random() * 100:.1f} %"]
        maker.wanted.append(" | ".join(cells))
        rows.append("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>")
    return intro + f"<table>{''.join(rows)}</table>" + maker.between() + maker.paragraphs(2, 5)


def _directory(maker: _Maker) -> str:
    intro = maker.paragraphs(2, 4)
    items = []
    for _ in range(maker.chance.randint(5, 14)):
        name, text = maker.words(2, 4), maker.paragraph(1, 2)
        maker.wanted.append(f"{name} {text}")
        items.append(f'<li><a href="/o">{html.escape(name)}</a> {html.escape(text)}</li>')
    return intro + f"<ul>{''.join(items)}</ul>" + maker.between() + maker.paragraphs(1, 3)


def _interrupted(maker: _Maker) -> str:
    return "".join(maker.paragraphs(1, 2) + maker.between() for _ in range(maker.chance.randint(6, 14)))


def _thread(maker: _Maker) -> str:
    """A discussion: what readers answer is the content."""
    posts = []
    name = maker.chance.choice(("post", "message", "answer", "reply"))
    for _ in range(maker.chance.randint(4, 14)):
        author = maker.box("user", maker.link(1, 2), maker.drop("span", f"{maker.chance.randint(1, 9000)}"))
        tools = maker.box("tools", maker.link(1, 1), maker.link(1, 1), maker.drop("span", maker.words(1, 1)))
        posts.append(maker.box(name, author, maker.box("text", maker.paragraphs(1, 3)), tools))
    return maker.box("thread", *posts)


def _manual(maker: _Maker) -> str:
    """Documentation: a tree of links beside it, listings, notes, tables of parameters."""
    tree = maker.links("toctree", count=30, least=1, most=4)
    parts = []
    for _ in range(maker.chance.randint(4, 10)):
        head = maker.keep("h2", maker.words(1, 5))
        code = "\n".join(f"{maker.words(1, 1).lower()}({maker.chance.randint(1, 99)})" for _ in range(3))
        maker.wanted.append(code)
        bar = maker.box("code-header", maker.drop("span", maker.words(1, 1).lower() + ".py"))
        listing = maker.box("highlight", bar if maker.chance.random() < 0.4 else "", f"<pre>{html.escape(code)}</pre>")
        note = maker.box("note", maker.keep("p", maker.paragraph(1, 2))) if maker.chance.random() < 0.4 else ""
        parts.append(head + maker.paragraphs(1, 2) + listing + note)
    step = maker.box("prev-next", maker.link(1, 4), maker.link(1, 4))
    return tree + maker.paragraphs(1, 2) + "".join(parts) + step


def _collection(maker: _Maker) -> str:
    """A page whose content is a row of cards, each a linked heading and a line about it."""
    cards = []
    for _ in range(maker.chance.randint(8, 24)):
        name, text = maker.words(2, 7), maker.paragraph(1, 2)
        maker.wanted += [name, text]
        head = f'<h3><a href="/{maker.chance.getrandbits(24):x}">{html.escape(name)}</a></h3>'
        cards.append(maker.box("card", "<img src=x.jpg>", head, f"<p>{html.escape(text)}</p>"))
    return maker.paragraphs(1, 2) + maker.box("grid", *cards)


def _essay(maker: _Maker) -> str:
    """An essay with notes that marks in the text lead to."""
    parts, notes = [], []
    for at in range(1, maker.chance.randint(4, 9)):
        text, rest = maker.paragraph(1, 2), maker.paragraph(1, 2)
        maker.wanted.append(f"{text}[{at}] {rest}")
        mark = f'<sup id="r{at}"><a href="#n{at}">{at}</a></sup>'
        parts.append(f"<p>{html.escape(text)}{mark} {html.escape(rest)}</p>" + maker.paragraphs(0, 2))
        note = maker.words(4, 14) + maker.ends[0]
        maker.wanted.append(note)
        notes.append(f'<li id="n{at}">{html.escape(note)} <a href="#r{at}">↩</a></li>')
    return "".join(parts) + maker.box("footnotes", f"<ol>{''.join(notes)}</ol>", tag="section")


def _pictured(maker: _Maker) -> str:
    """A report with captions in plain elements beside its pictures."""
    parts = []
    for _ in range(maker.chance.randint(4, 9)):
        caption = maker.drop(maker.chance.choice(("p", "div", "span")), maker.words(4, 14), name="sub")
        picture = maker.box("pic", "<img src=x.jpg>", caption)
        parts.append(maker.paragraphs(1, 3) + (picture if maker.chance.random() < 0.6 else "<p><img src=y.jpg></p>"))
    return "".join(parts)


KINDS: dict[str, Callable[[_Maker], str]] = {
    "live": _live,
    "gallery": _gallery,
    "recipe": _recipe,
    "interview": _interview,
    "answers": _answers,
    "numbered": _numbered,
    "table": _table,
    "directory": _directory,
    "interrupted": _interrupted,
    "thread": _thread,
    "manual": _manual,
    "collection": _collection,
    "essay": _essay,
    "pictured": _pictured,
}


def pages(seed: int = SEED) -> Iterator[Made]:
    """Return the made-up pages, the same ones for a seed."""
    chance = random.Random(seed)
    for kind, make in KINDS.items():
        for at in range(PAGES_A_KIND):
            syllables, ends, space = list(SCRIPTS.values())[at % len(SCRIPTS)]
            maker = _Maker(
                chance, syllables.split(), ends.split() or [""], space, ("telling", "hashed", "none")[at % 3]
            )
            title = maker.words(4, 9)
            yield Made(kind, _page(maker, title, make(maker)), maker.wanted)


def _page(maker: _Maker, title: str, article: str) -> str:
    teasers = "".join(
        maker.box("teaser", f"<h3>{maker.link(4, 8)}</h3>", maker.drop("p", maker.paragraph(1, 1)))
        for _ in range(maker.chance.randint(3, 12))
    )
    said = "".join(
        maker.box("comment", maker.drop("b", maker.words(1, 2)), maker.drop("p", maker.paragraph(1, 3)))
        for _ in range(maker.chance.choice((0, 0, 3, 8)))
    )
    head = maker.box("byline", maker.drop("span", maker.words(2, 2)), maker.drop("time", "12.3.2026, 10:15"))
    bio = maker.box("author-bio", "<img src=a.jpg>", maker.drop("p", maker.paragraph(1, 2)), maker.link())
    after = [maker.box("share", maker.link(), maker.link()), bio, maker.box("related", teasers), said]
    inside = maker.chance.random() < 0.5  # half of the sites keep these in the article's own box
    text = maker.box("article-body", article, *(after if inside else ()))
    wrap = "article" if maker.chance.random() < 0.6 else "div"
    return (
        f"<html><head><title>{title}</title></head><body>"
        + maker.links("menu", count=12, least=1, most=2)
        + f"<{wrap}{maker.called('post')}><h1>{title}</h1>{head}{text}</{wrap}>"
        + ("" if inside else "".join(after))
        + maker.box(
            "footer", maker.links("links", count=10, least=1, most=3), maker.drop("p", "© " + maker.words(3, 6))
        )
        + "</body></html>"
    )
