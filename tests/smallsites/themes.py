"""Themes: how each generator's usual theme lays out its lists, pagers, menus and articles. Written after their habits."""

# ruff: noqa: E501 - pages as generators write them

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

TAGS = ("harbour", "walks", "birds")


@dataclass(frozen=True, kw_only=True)
class Post:
    """One article."""

    number: int
    title: str
    day: date
    author: str
    paragraphs: tuple[str, ...]

    @property
    def slug(self) -> str:
        return re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")

    @property
    def teaser(self) -> str:
        return self.paragraphs[0][:140]


Pages = tuple[dict[str, str], list[str]]
Theme = Callable[[list[Post], int], Pages]


def _html(title: str, body: str) -> str:
    return f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head><body>{body}</body></html>'


def _text(post: Post) -> str:
    return "".join(f"<p>{paragraph}</p>" for paragraph in post.paragraphs)


def _chunks(posts: Sequence[Post], size: int) -> Iterator[tuple[int, bool, Sequence[Post]]]:
    for number, start in enumerate(range(0, len(posts), size), 1):
        yield number, start + size < len(posts), posts[start : start + size]


def _about(pages: dict[str, str], wrap: Callable[[str, str], str], *paths: str) -> None:
    for path in paths:
        pages[path] = wrap("About", "<h1>About</h1><p>We write about the river, its banks and who lives there.</p>")


def papermod(posts: list[Post], size: int) -> Pages:
    """Hugo, PaperMod: the link to an entry has no text, only a label."""

    def wrap(title: str, main: str) -> str:
        menu = "".join(
            f'<li><a href="/{n}/" title="{n}"><span>{n.title()}</span></a></li>' for n in ("archives", "tags", "about")
        )
        head = f'<header class="header"><nav class="nav"><div class="logo"><a href="/" accesskey="h">Riverside</a></div><ul id="menu">{menu}</ul></nav></header>'
        return _html(
            title,
            f'{head}<main class="main">{main}</main><footer class="footer"><span>&copy; 2025 <a href="/">Riverside</a></span></footer>',
        )

    pages: dict[str, str] = {}
    url = {post: f"/posts/{post.slug}/" for post in posts}
    for number, more, some in _chunks(posts, size):
        cards = "".join(
            f'<article class="post-entry"><header class="entry-header"><h2 class="entry-hint-parent">{p.title}</h2></header><div class="entry-content"><p>{p.teaser}...</p></div>'
            f'<footer class="entry-footer"><span title="{p.day}">{p.day:%B %-d, %Y}</span>&nbsp;·&nbsp;2 min</footer><a class="entry-link" aria-label="post link to {p.title}" href="{url[p]}"></a></article>'
            for p in some
        )
        back = (
            f'<a class="prev" href="/{"" if number == 2 else f"page/{number - 1}/"}">«&nbsp;Prev</a>'
            if number > 1
            else ""
        )
        on = f'<a class="next" href="/page/{number + 1}/">Next&nbsp;»</a>' if more else ""
        pages["/" if number == 1 else f"/page/{number}/"] = wrap(
            "Riverside", f'{cards}<footer class="page-footer"><nav class="pagination">{back}{on}</nav></footer>'
        )
    months = "".join(
        f'<div class="archive-entry"><h3 class="archive-entry-title">{p.title}</h3><div class="archive-meta"><span>{p.day:%B %-d, %Y}</span></div><a class="entry-link" aria-label="post link to {p.title}" href="{url[p]}"></a></div>'
        for p in posts
    )
    pages["/archives/"] = wrap(
        "Archives", f'<header class="page-header"><h1>Archive</h1></header><div class="archive-month">{months}</div>'
    )
    pages["/tags/"] = wrap(
        "Tags",
        '<ul class="terms-tags">'
        + "".join(f'<li><a href="/tags/{tag}/">{tag} <sup>3</sup></a></li>' for tag in TAGS)
        + "</ul>",
    )
    for place, tag in enumerate(TAGS):
        pages[f"/tags/{tag}/"] = wrap(
            tag,
            "".join(
                f'<article class="post-entry tag-entry"><header class="entry-header"><h2>{p.title}</h2></header><a class="entry-link" aria-label="post link to {p.title}" href="{url[p]}"></a></article>'
                for p in posts[place : 4 + place]
            ),
        )
    _about(pages, wrap, "/about/")
    for place, p in enumerate(posts):
        tags = f'<ul class="post-tags"><li><a href="/tags/{TAGS[place % 3]}/">{TAGS[place % 3]}</a></li></ul>'
        pages[url[p]] = wrap(
            p.title,
            f'<article class="post-single"><header class="post-header"><h1 class="post-title">{p.title}</h1><div class="post-meta"><span title="{p.day}">{p.day:%B %-d, %Y}</span></div></header><div class="post-content">{_text(p)}</div><footer class="post-footer">{tags}</footer></article>',
        )
    return pages, list(url.values())


def ananke(posts: list[Post], size: int) -> Pages:
    """Hugo, Ananke: the home page shows three, the others stand in a section."""

    def wrap(title: str, main: str) -> str:
        menu = "".join(
            f'<li class="list f5 fw4 dib pr3"><a class="hover-white no-underline white-90" href="/{n}/" title="{n} page">{n.title()}</a></li>'
            for n in ("notes", "about", "contact")
        )
        return _html(
            title,
            f'<header class="cover bg-top"><nav class="pv3 ph3" role="navigation"><a href="/" class="f3 fw2">Lowland</a><ul class="pl0 mr3">{menu}</ul></nav></header><main class="pb7" role="main">{main}</main><footer class="bg-black pa3" role="contentinfo"><a class="f4" href="/">© Lowland 2025</a></footer>',
        )

    def card(p: Post) -> str:
        return f'<div class="relative w-100 mb4 bg-white"><div class="bg-white mb3 pa4 gray"><span class="f6 db">{p.day:%B %-d, %Y}</span><h1 class="f3 near-black"><a href="{url[p]}" class="link black dim">{p.title}</a></h1><div class="nested-links f5 lh-copy">{p.teaser}</div><a href="{url[p]}" class="ba b--moon-gray">read more</a></div></div>'

    pages: dict[str, str] = {}
    url = {post: f"/notes/{post.slug}/" for post in posts}
    pages["/"] = wrap(
        "Lowland",
        f'<section class="flex-ns"><h1 class="flex-none">Recent Notes</h1>{"".join(map(card, posts[:3]))}</section><section class="w-100"><h1 class="f3">More</h1>'
        + "".join(
            f'<h2 class="f5 fw4 mb4 dib mr3"><a href="{url[p]}" class="link black dim">{p.title}</a></h2>'
            for p in posts[3:5]
        )
        + '<a href="/notes/" class="link db f6 pa2">All Notes</a></section>',
    )
    for number, more, some in _chunks(posts, size):
        pager = (
            '<ul class="pagination pagination-default"><li class="page-item"><a href="/notes/" class="page-link">1</a></li>'
            + "".join(
                f'<li class="page-item"><a href="/notes/page/{n}/" aria-label="Page {n}" class="page-link" role="button">{n}</a></li>'
                for n in range(2, -(-len(posts) // size) + 1)
            )
            + "</ul>"
        )
        pages["/notes/" if number == 1 else f"/notes/page/{number}/"] = wrap(
            "Notes",
            f'<article class="pa3"><section class="w-100 mw8">{"".join(map(card, some))}</section></article>{pager if more or number > 1 else ""}',
        )
    _about(pages, wrap, "/about/", "/contact/")
    for p in posts:
        pages[url[p]] = wrap(
            p.title,
            f'<article class="flex-l mw8"><header class="mt4 w-100"><aside class="instapaper f5">Notes</aside><h1 class="f1 athelas">{p.title}</h1><time class="f6" datetime="{p.day}">{p.day:%B %-d, %Y}</time></header><div class="nested-copy-line-height">{_text(p)}</div></article>',
        )
    return pages, list(url.values())


def minima(posts: list[Post], size: int) -> Pages:
    """Jekyll, minima: all posts on the home page, with dates."""

    def wrap(title: str, main: str) -> str:
        return _html(
            title,
            f'<header class="site-header"><div class="wrapper"><a class="site-title" rel="author" href="/">Field notes</a><nav class="site-nav"><div class="trigger"><a class="page-link" href="/about/">About</a></div></nav></div></header><main class="page-content" aria-label="Content"><div class="wrapper">{main}</div></main><footer class="site-footer"><ul><li>Field notes</li></ul></footer>',
        )

    url = {p: f"/{p.day:%Y/%m/%d}/{p.slug}.html" for p in posts}
    rows = "".join(
        f'<li><span class="post-meta">{p.day:%b %-d, %Y}</span><h3><a class="post-link" href="{url[p]}">{p.title}</a></h3></li>'
        for p in posts
    )
    pages = {
        "/": wrap(
            "Field notes",
            f'<div class="home"><h2 class="post-list-heading">Posts</h2><ul class="post-list">{rows}</ul></div>',
        )
    }
    _about(pages, wrap, "/about/")
    for p in posts:
        pages[url[p]] = wrap(
            p.title,
            f'<article class="post h-entry"><header class="post-header"><h1 class="post-title p-name">{p.title}</h1><p class="post-meta"><time datetime="{p.day}">{p.day:%b %-d, %Y}</time></p></header><div class="post-content e-content">{_text(p)}</div></article>',
        )
    return pages, list(url.values())


def plain_list(posts: list[Post], size: int) -> Pages:
    """Jekyll without a theme: a list of links below the root and nothing else."""

    def wrap(title: str, main: str) -> str:
        return _html(
            title, f'<p><a href="/">home</a> | <a href="/about">about</a></p><hr>{main}<hr><p>Made by hand.</p>'
        )

    url = {p: f"/{p.slug}" for p in posts}
    pages = {
        "/": wrap(
            "river",
            "<h1>river</h1><ul>" + "".join(f'<li><a href="{url[p]}">{p.title}</a></li>' for p in posts) + "</ul>",
        )
    }
    _about(pages, wrap, "/about")
    for p in posts:
        pages[url[p]] = wrap(p.title, f"<h1>{p.title}</h1><p><small>{p.day:%d %b %Y}</small></p>{_text(p)}")
    return pages, list(url.values())


def notmyidea(posts: list[Post], size: int) -> Pages:
    """Pelican, notmyidea: index2.html, authors and categories as pages."""

    def wrap(title: str, main: str) -> str:
        menu = "".join(f'<li><a href="/category/{tag}.html">{tag}</a></li>' for tag in TAGS)
        return _html(
            title,
            f'<header id="banner" class="body"><h1><a href="/">The tow path</a></h1><nav><ul><li><a href="/pages/about.html">About</a></li>{menu}</ul></nav></header>{main}<section id="extras" class="body"><div class="blogroll"><h2>links</h2><ul><li><a href="https://elsewhere.example/">A friend</a></li></ul></div></section><footer id="contentinfo" class="body"><p>Powered by <a href="https://generator.example/">a generator</a></p></footer>',
        )

    def by(p: Post, tag: str) -> str:
        return f'<footer class="post-info"><abbr class="published" title="{p.day}">Published: {p.day:%a %d %B %Y}</abbr><address class="vcard author">By <a class="url fn" href="/author/{p.author.lower().replace(" ", "-")}.html">{p.author}</a></address><p>In <a href="/category/{tag}.html">{tag}</a>.</p></footer>'

    pages: dict[str, str] = {}
    url = {p: f"/{p.slug}.html" for p in posts}
    tag_of = {p: TAGS[place % 3] for place, p in enumerate(posts)}

    def row(p: Post) -> str:
        return f'<li><article class="hentry"><header><h1><a href="{url[p]}" rel="bookmark" title="Permalink to {p.title}">{p.title}</a></h1></header><div class="entry-content">{by(p, tag_of[p])}<p>{p.teaser}</p><a class="readmore" href="{url[p]}">read more</a></div></article></li>'

    def index(some: Sequence[Post], pager: str, title: str) -> str:
        return wrap(
            title,
            f'<section id="content" class="body"><ol id="posts-list" class="hfeed">{"".join(map(row, some))}</ol>{pager}</section>',
        )

    last = -(-len(posts) // size)
    for number, more, some in _chunks(posts, size):
        on = f' <a href="/index{number + 1}.html">&raquo;</a>' if more else ""
        back = f'<a href="/index{number - 1 if number > 2 else ""}.html">&laquo;</a> ' if number > 1 else ""
        pages["/" if number == 1 else f"/index{number}.html"] = index(
            some, f'<p class="paginator">{back}Page {number} / {last}{on}</p>', "The tow path"
        )
    pages["/index.html"] = pages["/"]
    for tag in TAGS:
        pages[f"/category/{tag}.html"] = index([p for p in posts if tag_of[p] == tag][:size], "", tag)
    for author in {p.author for p in posts}:
        pages[f"/author/{author.lower().replace(' ', '-')}.html"] = index(
            [p for p in posts if p.author == author], "", author
        )
    _about(pages, wrap, "/pages/about.html")
    for p in posts:
        pages[url[p]] = wrap(
            p.title,
            f'<section id="content" class="body"><article><header><h1 class="entry-title"><a href="{url[p]}" rel="bookmark">{p.title}</a></h1></header><div class="entry-content">{by(p, tag_of[p])}{_text(p)}</div></article></section>',
        )
    return pages, list(url.values())


def landscape(posts: list[Post], size: int) -> Pages:
    """Hexo, landscape: dated addresses, numbered pager, a sidebar of months."""

    def wrap(title: str, main: str) -> str:
        months = "".join(
            f'<li class="archive-list-item"><a class="archive-list-link" href="/archives/{m}/">{m}</a></li>'
            for m in sorted({f"{p.day:%Y/%m}" for p in posts})
        )
        recent = "".join(f'<li><a href="{url[p]}">{p.title}</a></li>' for p in posts[:5])
        aside = f'<aside id="sidebar"><div class="widget-wrap"><h3 class="widget-title">Archives</h3><div class="widget"><ul class="archive-list">{months}</ul></div></div><div class="widget-wrap"><h3 class="widget-title">Recent Posts</h3><div class="widget"><ul>{recent}</ul></div></div></aside>'
        return _html(
            title,
            f'<div id="container"><header id="header"><a href="/" id="logo">Quay</a><nav id="main-nav"><a class="main-nav-link" href="/">Home</a><a class="main-nav-link" href="/archives/">Archives</a></nav></header><div class="outer"><section id="main">{main}</section>{aside}</div><footer id="footer">&copy; 2025</footer></div>',
        )

    pages: dict[str, str] = {}
    url = {p: f"/{p.day:%Y/%m/%d}/{p.slug}/" for p in posts}
    last = -(-len(posts) // size)

    def pager(prefix: str, number: int) -> str:
        numbers = "".join(
            f'<span class="page-number current">{n}</span>'
            if n == number
            else f'<a class="page-number" href="{prefix}{"" if n == 1 else f"page/{n}/"}">{n}</a>'
            for n in range(1, last + 1)
        )
        return (
            f'<nav id="page-nav">{numbers}'
            + (
                f'<a class="extend next" rel="next" href="{prefix}page/{number + 1}/">Next &raquo;</a>'
                if number < last
                else ""
            )
            + "</nav>"
        )

    for number, _, some in _chunks(posts, size):
        entries = "".join(
            f'<article class="h-entry article article-type-post"><div class="article-meta"><a href="{url[p]}" class="article-date"><time datetime="{p.day}">{p.day}</time></a></div><div class="article-inner"><header class="article-header"><h1 itemprop="name"><a class="p-name article-title" href="{url[p]}">{p.title}</a></h1></header><div class="e-content article-entry">{_text(p)}</div></div></article>'
            for p in some
        )
        pages["/" if number == 1 else f"/page/{number}/"] = wrap("Quay", entries + pager("/", number))
        rows = "".join(
            f'<article class="archive-article"><header class="archive-article-header"><a href="{url[p]}" class="archive-article-date"><time datetime="{p.day}">{p.day:%b %-d}</time></a><h1><a class="archive-article-title" href="{url[p]}">{p.title}</a></h1></header></article>'
            for p in some
        )
        pages["/archives/" if number == 1 else f"/archives/page/{number}/"] = wrap(
            "Archives", f'<section class="archives-wrap">{rows}</section>' + pager("/archives/", number)
        )
    for month in {f"{p.day:%Y/%m}" for p in posts}:
        pages[f"/archives/{month}/"] = wrap(
            month,
            "".join(
                f'<article class="archive-article"><h1><a class="archive-article-title" href="{url[p]}">{p.title}</a></h1></article>'
                for p in posts
                if f"{p.day:%Y/%m}" == month
            ),
        )
    for place, p in enumerate(posts):
        older = (
            f'<a href="{url[posts[place + 1]]}" id="article-nav-older"><strong>Older</strong><div>{posts[place + 1].title}</div></a>'
            if place + 1 < len(posts)
            else ""
        )
        pages[url[p]] = wrap(
            p.title,
            f'<article class="h-entry article"><header class="article-header"><h1 class="p-name article-title">{p.title}</h1></header><div class="e-content article-entry">{_text(p)}</div></article><nav id="article-nav">{older}</nav>',
        )
    return pages, list(url.values())


def base_blog(posts: list[Post], size: int) -> Pages:
    """Eleventy, base blog: three on the home page, all in /blog/, each with a time."""

    def wrap(title: str, main: str) -> str:
        menu = "".join(
            f'<li class="nav-item"><a href="{path}">{name}</a></li>'
            for name, path in (("Home", "/"), ("Archive", "/blog/"), ("About Me", "/about/"))
        )
        return _html(
            title,
            f'<a href="#skip" class="visually-hidden">Skip</a><header><a href="/" class="home-link">Eddy</a><nav><h2 class="visually-hidden">Top level navigation menu</h2><ul class="nav">{menu}</ul></nav></header><main id="skip">{main}</main><footer><p><em>Built by hand</em></p></footer>',
        )

    def rows(some: Sequence[Post]) -> str:
        return (
            '<ol reversed class="postlist">'
            + "".join(
                f'<li class="postlist-item"><a href="{url[p]}" class="postlist-link">{p.title}</a><time class="postlist-date" datetime="{p.day}">{p.day:%d %B %Y}</time></li>'
                for p in some
            )
            + "</ol>"
        )

    url = {p: f"/blog/{p.slug}/" for p in posts}
    pages = {
        "/": wrap(
            "Eddy",
            f'<h1>Latest 3 Posts</h1>{rows(posts[:3])}<p>More posts can be found in <a href="/blog/">the archive</a>.</p>',
        ),
        "/blog/": wrap("Archive", f"<h1>Archive</h1>{rows(posts)}"),
    }
    _about(pages, wrap, "/about/")
    for place, p in enumerate(posts):
        near = (
            f'<ul class="links-nextprev"><li>Previous: <a href="{url[posts[place + 1]]}">{posts[place + 1].title}</a></li></ul>'
            if place + 1 < len(posts)
            else ""
        )
        pages[url[p]] = wrap(
            p.title,
            f'<h1>{p.title}</h1><ul class="post-metadata"><li><time datetime="{p.day}">{p.day:%d %B %Y}</time></li></ul>{_text(p)}{near}',
        )
    return pages, list(url.values())


def casper(posts: list[Post], size: int) -> Pages:
    """Ghost, Casper: cards with two links, posts below the root."""

    def wrap(title: str, main: str) -> str:
        menu = "".join(f'<li class="nav-{n}"><a href="/{n}/">{n.title()}</a></li>' for n in ("about", "contact"))
        return _html(
            title,
            f'<div class="viewport"><header id="gh-head" class="gh-head outer"><div class="gh-head-inner inner"><a class="gh-head-logo" href="/">Mill Race</a><nav class="gh-head-menu"><ul class="nav"><li class="nav-home"><a href="/">Home</a></li>{menu}</ul></nav></div></header><div class="site-content">{main}</div><footer class="site-footer outer"><nav class="site-footer-nav"><ul class="nav"><li><a href="#/portal/">Sign up</a></li></ul></nav></footer></div>',
        )

    def card(p: Post) -> str:
        return f'<article class="post-card post"><a class="post-card-image-link" href="{url[p]}"><img class="post-card-image" src="/i.jpg" alt="{p.title}"></a><div class="post-card-content"><a class="post-card-content-link" href="{url[p]}"><header class="post-card-header"><h2 class="post-card-title">{p.title}</h2></header><div class="post-card-excerpt">{p.teaser}</div></a><footer class="post-card-meta"><time class="post-card-meta-date" datetime="{p.day}">{p.day:%b %-d, %Y}</time></footer></div></article>'

    pages: dict[str, str] = {}
    url = {p: f"/{p.slug}/" for p in posts}
    last = -(-len(posts) // size)
    for number, more, some in _chunks(posts, size):
        back = (
            f'<a class="newer-posts" href="/{"" if number == 2 else f"page/{number - 1}/"}"><span aria-hidden="true">&larr;</span> Newer Posts</a>'
            if number > 1
            else ""
        )
        on = (
            f'<a class="older-posts" href="/page/{number + 1}/">Older Posts <span aria-hidden="true">&rarr;</span></a>'
            if more
            else ""
        )
        pages["/" if number == 1 else f"/page/{number}/"] = wrap(
            "Mill Race",
            f'<main id="site-main" class="site-main outer"><div class="inner posts"><div class="post-feed">{"".join(map(card, some))}</div><nav class="pagination">{back}<span class="page-number">Page {number} of {last}</span>{on}</nav></div></main>',
        )
    pages["/tag/news/"] = wrap(
        "News", f'<main class="site-main outer"><div class="post-feed">{"".join(map(card, posts[:4]))}</div></main>'
    )
    _about(pages, wrap, "/about/", "/contact/")
    for p in posts:
        pages[url[p]] = wrap(
            p.title,
            f'<main id="site-main" class="site-main"><article class="article post"><header class="article-header gh-canvas"><div class="article-tag"><a href="/tag/news/">News</a></div><h1 class="article-title">{p.title}</h1><time datetime="{p.day}">{p.day:%b %-d, %Y}</time></header><section class="gh-content gh-canvas">{_text(p)}</section></article></main>',
        )
    return pages, list(url.values())


def _wordpress(posts: list[Post], size: int, *, plain: bool) -> Pages:
    url = {p: f"/?p={p.number}" if plain else f"/{p.day:%Y/%m}/{p.slug}/" for p in posts}
    cat = {tag: f"/?cat={place}" if plain else f"/category/{tag}/" for place, tag in enumerate(TAGS, 2)}
    months = {f"{p.day:%B %Y}": f"/?m={p.day:%Y%m}" if plain else f"/{p.day:%Y/%m}/" for p in posts}
    about = "/?page_id=2" if plain else "/about/"

    def wrap(title: str, main: str) -> str:
        recent = "".join(f'<li><a href="{url[p]}">{p.title}</a></li>' for p in posts[:5])
        cats = "".join(f'<li class="cat-item"><a href="{path}">{tag}</a></li>' for tag, path in cat.items())
        archive = "".join(f'<li><a href="{path}">{name}</a></li>' for name, path in months.items())
        aside = f'<aside id="secondary" class="widget-area"><section class="widget widget_recent_entries"><h2>Recent Posts</h2><ul>{recent}</ul></section><section class="widget widget_archive"><h2>Archives</h2><ul>{archive}</ul></section><section class="widget widget_categories"><h2>Categories</h2><ul>{cats}</ul></section></aside>'
        return _html(
            title,
            f'<div id="page" class="site"><header id="masthead" class="site-header"><p class="site-title"><a href="/" rel="home">Bank and bend</a></p><nav id="site-navigation" class="main-navigation"><ul><li class="page_item"><a href="{about}">About</a></li></ul></nav></header><div id="content" class="site-content"><div id="primary"><main id="main" class="site-main">{main}</main></div>{aside}</div><footer id="colophon" class="site-footer"><a href="https://software.example/">Proudly powered</a></footer></div>',
        )

    def page(number: int) -> str:
        return f"/?paged={number}" if plain else f"/page/{number}/"

    def entry(p: Post) -> str:
        return f'<article id="post-{p.number}" class="post-{p.number} post type-post"><header class="entry-header"><h2 class="entry-title"><a href="{url[p]}" rel="bookmark">{p.title}</a></h2><div class="entry-meta"><a href="{url[p]}" rel="bookmark"><time class="entry-date" datetime="{p.day}">{p.day:%B %-d, %Y}</time></a></div></header><div class="entry-content"><p>{p.teaser}</p></div></article>'

    pages: dict[str, str] = {}
    for number, more, some in _chunks(posts, size):
        on = (
            f'<div class="nav-previous"><a href="{page(number + 1)}"><span class="meta-nav">&larr;</span> Older posts</a></div>'
            if more
            else ""
        )
        back = (
            f'<div class="nav-next"><a href="{"/" if number == 2 else page(number - 1)}">Newer posts <span class="meta-nav">&rarr;</span></a></div>'
            if number > 1
            else ""
        )
        pages["/" if number == 1 else page(number)] = wrap(
            "Bank and bend",
            "".join(map(entry, some))
            + f'<nav class="navigation paging-navigation"><div class="nav-links">{on}{back}</div></nav>',
        )
    for place, (tag, path) in enumerate(cat.items()):
        pages[path] = wrap(
            tag,
            f'<header class="page-header"><h1>Category: {tag}</h1></header>'
            + "".join(map(entry, posts[place : place + 3])),
        )
    for name, path in months.items():
        pages[path] = wrap(
            name,
            f'<header class="page-header"><h1>{name}</h1></header>'
            + "".join(entry(p) for p in posts if f"{p.day:%B %Y}" == name),
        )
    _about(pages, wrap, about)
    for place, p in enumerate(posts):
        older = (
            f'<div class="nav-previous"><a href="{url[posts[place + 1]]}" rel="prev">{posts[place + 1].title}</a></div>'
            if place + 1 < len(posts)
            else ""
        )
        pages[url[p]] = wrap(
            p.title,
            f'<article class="post type-post"><header class="entry-header"><h1 class="entry-title">{p.title}</h1><span class="posted-on"><time class="entry-date" datetime="{p.day}">{p.day:%B %-d, %Y}</time></span></header><div class="entry-content">{_text(p)}</div></article><nav class="post-navigation">{older}</nav>',
        )
    return pages, list(url.values())


def wordpress_plain(posts: list[Post], size: int) -> Pages:
    """WordPress without pretty addresses."""
    return _wordpress(posts, size, plain=True)


def wordpress_pretty(posts: list[Post], size: int) -> Pages:
    """WordPress with months in its addresses."""
    return _wordpress(posts, size, plain=False)


def blogger(posts: list[Post], size: int) -> Pages:
    """Blogger: older posts behind a moment."""
    url = {p: f"/{p.day:%Y/%m}/{p.slug}.html" for p in posts}

    def wrap(title: str, main: str) -> str:
        labels = "".join(f"<li><a dir='ltr' href='/search/label/{tag}'>{tag}</a></li>" for tag in TAGS)
        years = "".join(
            f"<li class='archivedate'><a class='post-count-link' href='/{m}/'>{m}</a></li>"
            for m in sorted({f"{p.day:%Y/%m}" for p in posts})
        )
        return _html(
            title,
            f"<div class='content'><header><div class='header section'><h1 class='title'><a href='/'>Slow water</a></h1></div></header><div class='main-outer'><div class='main section' id='main'>{main}</div><div class='column-right-outer sidebar'><div class='widget Label'><ul>{labels}</ul></div><div class='widget BlogArchive'><ul class='hierarchy'>{years}</ul></div></div></div></div>",
        )

    def entry(p: Post) -> str:
        return f"<div class='date-outer'><h2 class='date-header'><span>{p.day:%A, %-d %B %Y}</span></h2><div class='post hentry'><h3 class='post-title entry-title'><a href='{url[p]}'>{p.title}</a></h3><div class='post-body entry-content'>{p.teaser}</div><div class='post-footer'><a class='timestamp-link' href='{url[p]}' rel='bookmark'>{p.day}</a> <a class='comment-link' href='{url[p]}#comment-form'>No comments</a></div></div></div>"

    def search(p: Post) -> str:
        return f"/search?updated-max={p.day}T09:00:00%2B01:00&max-results={size}"

    pages: dict[str, str] = {}
    here = "/"
    for _, more, some in _chunks(posts, size):
        on = search(some[-1])
        pager = (
            "<div class='blog-pager' id='blog-pager'>"
            + (
                f"<span id='blog-pager-older-link'><a class='blog-pager-older-link' href='{on}' title='Older Posts'>Older Posts</a></span>"
                if more
                else ""
            )
            + "<a class='home-link' href='/'>Home</a></div>"
        )
        pages[here] = wrap("Slow water", f"<div class='blog-posts hfeed'>{''.join(map(entry, some))}</div>{pager}")
        here = on
    for tag in TAGS:
        pages[f"/search/label/{tag}"] = wrap(tag, "".join(map(entry, posts[:3])))
    for month in {f"{p.day:%Y/%m}" for p in posts}:
        pages[f"/{month}/"] = wrap(month, "".join(entry(p) for p in posts if f"{p.day:%Y/%m}" == month))
    for p in posts:
        pages[url[p]] = wrap(
            p.title,
            f"<div class='post hentry'><h3 class='post-title entry-title'>{p.title}</h3><div class='post-body entry-content'>{_text(p)}</div></div>",
        )
    return pages, list(url.values())


def drupal(posts: list[Post], size: int) -> Pages:
    """Drupal: numbered nodes, teasers with "Read more", a pager that counts from nought."""
    url = {p: f"/node/{p.number}" for p in posts}

    def wrap(title: str, main: str) -> str:
        menu = '<ul class="menu"><li class="menu-item"><a href="/" class="is-active">Home</a></li><li class="menu-item"><a href="/contact">Contact</a></li></ul>'
        return _html(
            title,
            f'<a href="#main-content" class="visually-hidden">Skip to main content</a><div class="layout-container"><header role="banner"><a href="/" rel="home">Marsh parish</a><nav role="navigation"><ul class="menu"><li><a href="/user/login">Log in</a></li></ul></nav><nav role="navigation">{menu}</nav></header><main role="main"><div class="layout-content">{main}</div></main><footer role="contentinfo"><span>Powered by <a href="https://software.example/">software</a></span></footer></div>',
        )

    def teaser(p: Post) -> str:
        return f'<div class="views-row"><article role="article" class="node node--type-article node--view-mode-teaser"><h2 class="node__title"><a href="{url[p]}" rel="bookmark"><span>{p.title}</span></a></h2><footer class="node__meta"><div>By <a href="/user/3" class="username">{p.author}</a>, {p.day:%-d %B, %Y}</div></footer><div class="node__content"><p>{p.teaser}</p><ul class="links inline"><li class="node-readmore"><a href="{url[p]}" rel="tag" title="{p.title}">Read more<span class="visually-hidden"> about {p.title}</span></a></li></ul></div></article></div>'

    pages: dict[str, str] = {}
    last = -(-len(posts) // size)
    for number, more, some in _chunks(posts, size):
        numbers = "".join(
            f'<li class="pager__item"><a href="/node?page={n}" title="Go to page {n + 1}">{n + 1}</a></li>'
            for n in range(last)
        )
        on = (
            f'<li class="pager__item pager__item--next"><a href="/node?page={number}" title="Go to next page" rel="next"><span class="visually-hidden">Next page</span><span aria-hidden="true">››</span></a></li>'
            if more
            else ""
        )
        listing = wrap(
            "Marsh parish",
            f'<div class="views-element-container">{"".join(map(teaser, some))}<nav class="pager" role="navigation"><ul class="pager__items">{numbers}{on}</ul></nav></div>',
        )
        pages[f"/node?page={number - 1}"] = listing
        if number == 1:
            pages["/"] = pages["/node"] = listing
    pages["/contact"] = pages["/user/login"] = pages["/user/3"] = wrap(
        "Log in", '<h1>Log in</h1><form method="post"><input type="password" name="pass"></form>'
    )
    for place, p in enumerate(posts):
        tag = f'<div class="field field--name-field-tags"><a href="/taxonomy/term/{1 + place % 3}">{TAGS[place % 3]}</a></div>'
        pages[url[p]] = wrap(
            p.title,
            f'<h1 class="page-title"><span>{p.title}</span></h1><article role="article" class="node node--view-mode-full"><footer class="node__meta">Submitted on {p.day:%-d %B, %Y}</footer><div class="node__content">{_text(p)}{tag}</div></article>',
        )
    for n in range(3):
        pages[f"/taxonomy/term/{n + 1}"] = wrap(
            TAGS[n], f"<h1>{TAGS[n]}</h1>" + "".join(teaser(p) for place, p in enumerate(posts) if place % 3 == n)
        )
    return pages, list(url.values())


def news_script(posts: list[Post], size: int) -> Pages:
    """A news script of old: tables, a number in the query, pages by an offset."""
    url = {p: f"/news.php?id={p.number}" for p in posts}

    def wrap(title: str, main: str) -> str:
        menu = "".join(
            f'<tr><td><a href="{path}">{name}</a></td></tr>'
            for name, path in (("Home", "/"), ("Links", "/links.php"), ("Guestbook", "/guestbook.php"))
        )
        return _html(
            title,
            f'<table width="760"><tr><td colspan="2"><h1>Parish paper</h1></td></tr><tr><td valign="top" width="120"><table>{menu}</table></td><td valign="top">{main}</td></tr></table>',
        )

    pages: dict[str, str] = {}
    for number, more, some in _chunks(posts, size):
        rows = "".join(
            f'<tr><td>{p.day:%d.%m.%Y}</td><td><a href="{url[p]}">{p.title}</a> <a href="/print.php?id={p.number}">[print]</a></td></tr>'
            for p in some
        )
        on = f'<a href="/index.php?start={number * size}">&gt;&gt;</a>' if more else ""
        back = f'<a href="/index.php?start={(number - 2) * size}">&lt;&lt;</a> ' if number > 1 else ""
        pages[f"/index.php?start={(number - 1) * size}"] = wrap(
            "Parish paper", f"<table>{rows}</table><p>{back}{on}</p>"
        )
        if number == 1:
            pages["/"] = pages["/index.php"] = pages["/index.php?start=0"]
    pages["/links.php"] = wrap("Links", '<p><a href="https://elsewhere.example/">A friend</a></p>')
    pages["/guestbook.php"] = wrap(
        "Guestbook", '<form method="post"><textarea name="t"></textarea><input type="submit" value="Sign"></form>'
    )
    for p in posts:
        pages[url[p]] = wrap(
            p.title, f"<h2>{p.title}</h2><p><i>{p.day:%d.%m.%Y}</i></p>{_text(p)}<p><a href='/index.php'>back</a></p>"
        )
        pages[f"/print.php?id={p.number}"] = _html(p.title, f"<h2>{p.title}</h2>{_text(p)}")
    return pages, list(url.values())


def board(posts: list[Post], size: int) -> Pages:
    """A news script that was made out of a board: two numbers in the query."""
    url = {p: f"/viewnews.php?f=2&t={p.number}" for p in posts}

    def wrap(title: str, main: str) -> str:
        return _html(
            title,
            f'<div id="wrap"><div id="page-header"><h1><a href="/">Board news</a></h1><ul class="linklist navlinks"><li><a href="/index.php">Board index</a></li><li><a href="/faq.php">FAQ</a></li><li><a href="/memberlist.php">Members</a></li></ul></div><div id="page-body">{main}</div><div id="page-footer"><a href="/contact.php">Contact</a></div></div>',
        )

    pages: dict[str, str] = {}
    for number, more, some in _chunks(posts, size):
        rows = "".join(
            f'<li class="row bg{n % 2}"><dl class="icon"><dt><a href="{url[p]}" class="topictitle">{p.title}</a><br>by {p.author} » {p.day:%a %b %d, %Y}</dt><dd class="posts">3</dd></dl></li>'
            for n, p in enumerate(some)
        )
        on = f'<a class="next" href="/viewlist.php?f=2&amp;start={number * size}">Next</a>' if more else ""
        pages[f"/viewlist.php?f=2&start={(number - 1) * size}"] = wrap(
            "News",
            f'<div class="forumbg"><ul class="topiclist topics">{rows}</ul></div><div class="pagination">{on}</div>',
        )
    pages["/viewlist.php?f=2"] = pages["/viewlist.php?f=2&start=0"]
    forum = '<div class="forumbg"><ul class="topiclist forums"><li class="row"><dl><dt><a href="/viewlist.php?f=2" class="forumtitle">News of the parish</a><br>What happens</dt></dl></li></ul></div>'
    pages["/"] = pages["/index.php"] = wrap("Board", forum)
    for path in ("/faq.php", "/memberlist.php", "/contact.php"):
        pages[path] = wrap("FAQ", "<h2>Frequently asked</h2><p>Ask us.</p>")
    for p in posts:
        pages[url[p]] = wrap(
            p.title,
            f'<h2><a href="{url[p]}">{p.title}</a></h2><div class="post"><p class="author">by {p.author} » {p.day:%a %b %d, %Y}</p><div class="content">{_text(p)}</div></div>',
        )
    return pages, list(url.values())


THEMES: dict[str, Theme] = {
    "hugo-papermod": papermod,
    "hugo-ananke": ananke,
    "jekyll-minima": minima,
    "jekyll-plain": plain_list,
    "pelican": notmyidea,
    "hexo": landscape,
    "eleventy": base_blog,
    "ghost": casper,
    "wordpress-plain": wordpress_plain,
    "wordpress-pretty": wordpress_pretty,
    "blogger": blogger,
    "drupal": drupal,
    "news-script": news_script,
    "board": board,
}
