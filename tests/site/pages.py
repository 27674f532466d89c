"""The pages of a loopback site: articles with the site's own boilerplate inside the container, listings, the rest."""

from __future__ import annotations

import json
from html import escape

from tests.site.sites import Site, SiteArticle
from tests.site.writing import Texts, texts

RIGHT_TO_LEFT = ("ar",)


def article_page(site: Site, article: SiteArticle, day: int, base: str, part: int = 1) -> str:
    """Return an article as it stands on a day; of one that goes over several pages the one with that number."""
    bank = texts(site.language)
    words = article.words_on(day)
    url = base + article.path
    published, modified = article.published.isoformat(), article.modified_on(day).isoformat()
    graph = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": words.title,
        "author": [{"@type": "Person", "name": name} for name in words.authors],
        "datePublished": published,
        "dateModified": modified,
        "inLanguage": site.language,
        "articleSection": bank.sections[article.section],
        "publisher": {"@type": "Organization", "name": bank.name},
        "mainEntityOfPage": url,
    }
    head = (
        f'<link rel="canonical" href="{url}">\n<meta property="og:type" content="article">\n'
        f'<meta property="og:title" content="{escape(words.title)}">\n'
        f'<meta property="article:published_time" content="{published}">\n'
        f'<script type="application/ld+json">{json.dumps(graph)}</script>'
    )
    main = (
        f'<article><h1>{escape(words.title)}</h1><p class="byline">{escape(", ".join(words.authors))}</p>'
        f'<time datetime="{published}">{article.published:%Y-%m-%d %H:%M}</time>\n'
        f'<div class="x1">\n{_part(site, article, words.paragraphs, part)}\n</div></article>'
    )
    return _document(site, words.title, head, main)


def listing(site: Site, title: str, articles: tuple[SiteArticle, ...], day: int, *, path: str, page: int) -> str:
    """Return page 1.. of an index: `per_page` cards and links to the pages before and after."""
    first = (page - 1) * site.per_page
    cards = "\n".join(
        f'<li><h3><a href="{one.path}">{escape(one.words_on(day).title)}</a></h3>'
        f'<time datetime="{one.published.isoformat()}">{one.published:%d.%m.%Y}</time></li>'
        for one in articles[first : first + site.per_page]
    )
    pages = -(-len(articles) // site.per_page)
    turns = "".join(
        f'<a class="page" href="{path}?page={number}">{number}</a> ' for number in range(1, pages + 1) if number != page
    )
    following = f'<a rel="next" href="{path}?page={page + 1}">&gt;</a>' if page < pages else ""
    return _document(
        site,
        title,
        "",
        f"<h1>{escape(title)}</h1><ul>\n{cards}\n</ul><div class=pagination>{turns}{following}</div>",
    )


def prose_page(site: Site, title: str, html: str) -> str:
    """Return a page that is no article."""
    return _document(site, title, "", html)


def _part(site: Site, article: SiteArticle, paragraphs: tuple[str, ...], part: int) -> str:
    """Return the text, or a page of it with what such pages repeat: standfirst, last paragraph, number, numbers."""
    pages = site.paged.get(article.number, 1)
    if pages == 1:
        return _text(site, article, paragraphs)
    size = -(-len(paragraphs) // pages)
    begin = (part - 1) * size
    repeated = tuple(dict.fromkeys((paragraphs[0], paragraphs[begin - 1]))) if part > 1 else ()
    numbers = " ".join(
        f"<b>{number}</b>" if number == part else f'<a href="{_address(article, number)}">{number}</a>'
        for number in range(1, pages + 1)
    )
    following = f' <a rel="next" href="{_address(article, part + 1)}">&rarr;</a>' if part < pages else ""
    return (
        f"{_text(site, article, (*repeated, *paragraphs[begin : begin + size]))}"
        f"<p>{part} / {pages}</p><div class=x9>{numbers}{following}</div>"
    )


def _address(article: SiteArticle, part: int) -> str:
    return article.path if part == 1 else f"{article.path}?page={part}"


def _text(site: Site, article: SiteArticle, paragraphs: tuple[str, ...]) -> str:
    """Return the paragraphs with the site's insertions between them, at places that differ from article to article."""
    bank = texts(site.language)
    pieces = [f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in paragraphs]
    number = article.number
    # one of the first articles, the same for ever: an unchanged article's page is unchanged
    other = site.articles[(number * 3 + 1) % site.count]
    teaser = f'<p>{bank.teaser} <a href="{other.path}">{escape(other.words.title)}</a></p>'
    inserted = (
        (1 + number % 3, "".join(f"<p>{escape(line)}</p>" for line in bank.appeal)),
        (1 + (number + 1) % 4, _newsletter(bank)),
        (2 + number % 2, teaser if other is not article else ""),
    )
    for place, markup in sorted(inserted, reverse=True):
        pieces.insert(place, markup)
    return "\n".join([*pieces, f"<p><em>{escape(bank.hint)}</em></p>"])


def _newsletter(bank: Texts) -> str:
    heading, *lines = bank.newsletter
    return (
        f'<div class="x7"><h4>{escape(heading)}</h4>' + "".join(f"<p>{escape(line)}</p>" for line in lines) + "</div>"
    )


def _document(site: Site, title: str, head: str, main: str) -> str:
    bank = texts(site.language)
    sections = " ".join(f'<a href="/s{number}">{name}</a>' for number, name in enumerate(bank.sections, start=1))
    feed = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"}
    link = f'<link rel="alternate" type="{feed[site.feed]}" href="/feed">' if site.feed else ""
    direction = ' dir="rtl"' if site.language in RIGHT_TO_LEFT else ""
    return f"""<!DOCTYPE html>
<html lang="{site.language}"{direction}>
<head><meta charset="{site.charset}"><title>{escape(title)} - {escape(bank.name)}</title>
<meta property="og:site_name" content="{escape(bank.name)}">
{link}
{head}
</head>
<body><header><a href="/">{escape(bank.name)}</a> <nav>{sections} <a href="/about">&#9432;</a>
<a href="/private/desk">&#9881;</a> <a href="/search?q=news">&#128269;</a></nav></header>
<main>
{main}
</main>
<footer>&copy; {escape(bank.name)} <a href="/about">&#9432;</a></footer></body></html>
"""
