"""The documents a reader of the demo site sees: articles, home page, sections, a tag page, about.

Inside the container of each article stands what sites put there: a share bar, a newsletter box, an appeal for donations
in bare paragraphs at a place that differs from article to article, teasers of other articles, a call for hints.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from html import escape

from ingest.demo.articles import SECTIONS, ArticlePart, DemoArticle

NAME = "The Tarnwick Courier"
TAG = "harbour"  # the one tag that has a page

APPEAL = """<p><strong>A word from the Courier</strong></p>
<p>You can read everything on this page because 1,900 of your neighbours pay for it.
The Courier has no owner but its readers and no adverts but the small ones.</p>
<p>If you can spare five crowns a month, <a href="/support">please make a donation to the Courier today</a>.
It takes two minutes and keeps a reporter on the quay.</p>"""
NEWSLETTER = """<div class="box-7f2"><h3>Tarnwick before breakfast</h3>
<p>Sign up for our free newsletter and have the town's news in your inbox at six every morning.</p>
<form action="/newsletter" method="post"><input type="email" name="email" placeholder="Your email address">
<button>Sign up</button></form>
<p><small>You can unsubscribe at any time. We never pass on your address.</small></p></div>"""
SHARE = """<ul class="share"><li><a href="/share?to=mail">Send by mail</a></li>
<li><a href="/share?to=copy">Copy link</a></li><li><a href="/share?to=print">Print</a></li></ul>"""
HINT = """<p><em>Do you know more about this?
Write to our newsroom at newsroom@courier.example or ring 555 0142.</em></p>"""
CARD_LEDE_WORDS = 18  # of the standfirst, on section pages


def article_page(article: DemoArticle, others: tuple[DemoArticle, ...], base: str) -> str:
    """Return one article's page; `others` are all the site's articles, for the teasers."""
    url = base + article.path
    byline = " and ".join(article.authors)
    tags = " ".join(f'<a href="/tags/{tag}" rel="tag">{tag}</a>' for tag in article.tags)
    body = f"""<article class="piece">
<header><p class="kicker"><a href="/{article.section}">{SECTIONS[article.section]}</a></p>
<h1>{escape(article.title)}</h1>
<p class="standfirst">{escape(article.standfirst)}</p>
<p class="byline">By <span rel="author">{escape(byline)}</span>,
<time datetime="{article.published.isoformat()}">{article.published:%d %B %Y, %H:%M}</time></p>
<figure><img src="/pictures/{article.slug}.svg" width="1200" height="675" alt="{escape(article.title)}"></figure>
</header>
<div class="text">
{_text(article, others)}
</div>
<footer><p class="tags">Filed under: {tags}</p></footer>
</article>"""
    head = f"""<meta name="description" content="{escape(article.standfirst)}">
<meta name="author" content="{escape(byline)}">
<link rel="canonical" href="{url}">
<meta property="og:type" content="article">
<meta property="og:title" content="{escape(article.title)}">
<meta property="og:description" content="{escape(article.standfirst)}">
<meta property="og:url" content="{url}">
<meta property="og:image" content="{base}/pictures/{article.slug}.svg">
<meta property="article:published_time" content="{article.published.isoformat()}">
<meta property="article:modified_time" content="{article.modified.isoformat()}">
<meta property="article:section" content="{SECTIONS[article.section]}">
<script type="application/ld+json">{_json_ld(article, base)}</script>"""
    return _document(article.title, head, body)


def home_page(articles: tuple[DemoArticle, ...]) -> str:
    """Return the front page: the newest twelve."""
    return _document(NAME, "", f"<h1>{NAME}</h1>\n{_cards(articles[:12])}")


def section_page(section: str, articles: tuple[DemoArticle, ...]) -> str:
    """Return a section's index page, all its articles."""
    inside = tuple(article for article in articles if article.section == section)
    return _document(SECTIONS[section], "", f"<h1>{SECTIONS[section]}</h1>\n{_cards(inside)}")


def tag_page(articles: tuple[DemoArticle, ...]) -> str:
    """Return the index page of the one tag that has a page."""
    inside = tuple(article for article in articles if TAG in article.tags)
    return _document(f"Everything about: {TAG}", "", f"<h1>Everything about: {TAG}</h1>\n{_cards(inside)}")


def about_page() -> str:
    """Return the page about the paper: real prose, and no article."""
    return _document(
        "About us",
        '<meta property="og:type" content="website">',
        f"""<h1>About us</h1><p>{NAME} has come out in Tarnwick since 1874, on paper until 2019 and here since then.</p>
<p>We are six people in two rooms above the chandler's. Letters reach us at 3 Quay Steps, Tarnwick.</p>
<p>Responsible for all that stands on these pages: Orla Venn. Registered with the county court, number 1182.</p>""",
    )


def picture(article: DemoArticle) -> str:
    """Return a drawn stand-in for the article's picture."""
    hue = article.number * 47 % 360
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1200 675"><rect width="1200" height="675" '
        f'fill="hsl({hue} 40% 70%)"/><path d="M0 520q300-90 600 0t600 0v155H0z" fill="hsl({hue} 45% 40%)"/></svg>'
    )


def _text(article: DemoArticle, others: tuple[DemoArticle, ...]) -> str:
    """Return the body with the site's insertions; where each stands follows from the article's number."""
    number = article.number
    pieces = [_markup(run) for run in _runs(article.parts)]
    slots = len(pieces) - 1  # never above the first or below the last paragraph, so that a correction stays last
    insertions = [
        (1 + number % slots, APPEAL),
        (1 + (number * 3 + 1) % slots, NEWSLETTER),
        (2 + (number * 5) % (slots - 1), _teasers(article, others)),
    ]
    for place, markup in sorted(insertions, key=lambda insertion: insertion[0], reverse=True):
        pieces.insert(place, markup)
    return "\n".join([SHARE, *pieces, HINT])


def _teasers(article: DemoArticle, others: tuple[DemoArticle, ...]) -> str:
    """Return a teaser line for odd articles, a box of two for even ones: sites have both."""
    near = [other for other in others if other.slug != article.slug and other.section == article.section]
    first, second = near[article.number % len(near)], near[(article.number + 1) % len(near)]
    if article.number % 2:
        return f'<p><strong>Read also:</strong> <a href="{first.path}">{escape(first.title)}</a></p>'
    links = "".join(f'<li><a href="{one.path}">{escape(one.title)}</a></li>' for one in (first, second))
    return f'<aside class="box-9c1"><h4>Read also</h4><ul>{links}</ul></aside>'


def _runs(parts: tuple[ArticlePart, ...]) -> list[tuple[ArticlePart, ...]]:
    """Return the parts with list items and what leads up to them, and a heading and what follows it, kept together."""
    runs: list[tuple[ArticlePart, ...]] = []
    for part in parts:
        if runs and (part.tag == "li" or runs[-1][-1].tag == "h2"):
            runs[-1] = (*runs[-1], part)
        else:
            runs.append((part,))
    return runs


def _markup(run: tuple[ArticlePart, ...]) -> str:
    items = [_element(part) for part in run if part.tag == "li"]
    lines = [_element(part) for part in run if part.tag != "li"]
    return "\n".join([*lines, "<ul>", *items, "</ul>"] if items else lines)


def _element(part: ArticlePart) -> str:
    return f"<{part.tag}>{escape(part.text, quote=False)}</{part.tag}>"


def _json_ld(article: DemoArticle, base: str) -> str:
    graph = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.title,
        "description": article.standfirst,
        "author": [{"@type": "Person", "name": name} for name in article.authors],
        "datePublished": article.published.isoformat(),
        "dateModified": article.modified.isoformat(),
        "articleSection": SECTIONS[article.section],
        "keywords": list(article.tags),
        "inLanguage": "en",
        "image": f"{base}/pictures/{article.slug}.svg",
        "mainEntityOfPage": base + article.path,
        "isAccessibleForFree": True,
        "publisher": {"@type": "NewsMediaOrganization", "name": NAME, "url": base + "/"},
    }
    return json.dumps(graph).replace("</", "<\\/")


def _cards(articles: Iterable[DemoArticle]) -> str:
    cards = []
    for article in articles:
        lede = " ".join(article.standfirst.split()[:CARD_LEDE_WORDS])
        cards.append(
            f'<li class="card"><h2><a href="{article.path}">{escape(article.title)}</a></h2><p>{escape(lede)}</p>'
            f'<time datetime="{article.published.isoformat()}">{article.published:%d %B}</time></li>'
        )
    return '<ul class="cards">\n' + "\n".join(cards) + "\n</ul>"


def _document(title: str, head: str, main: str) -> str:
    sections = "".join(f'<a href="/{slug}">{name}</a> ' for slug, name in SECTIONS.items())
    full_title = title if title == NAME else f"{title} | {NAME}"
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{escape(full_title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta property="og:site_name" content="{NAME}">
<link rel="alternate" type="application/rss+xml" title="{NAME}" href="/feed.xml">
{head}
</head>
<body>
<header class="top"><a href="/">{NAME}</a><nav>{sections}<a href="/tags/{TAG}">Harbour</a></nav>
<p class="note">We use cookies to count our readers. <button>All right</button></p></header>
<main>
{main}
</main>
<footer class="bottom"><p>&copy; 1874-2026 {NAME}. All rights reserved.</p>
<p><a href="/about">About us</a> <a href="/support">Support us</a></p></footer>
</body>
</html>
"""
