"use strict";
// Searches the articles of this folder: loads the few files of the index that the words need, by script elements, because
// pages opened from a disk may not fetch. All words must be there; each may go on. Titles first, then the newest.
(() => {
  const FILES = 256, LONGEST = 40, SHOWN = 20;
  const UNPARTED = /[\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{3ffff}]+/gu;
  const about = window.ingestAbout || { articles: 0, titles: 100 };
  const said = document.getElementById("said"), hits = document.getElementById("hits");
  const field = document.querySelector("input[name=q]");
  const loaded = new Map(), waiting = new Map();

  // as ingest/export/site/search_index.py has it
  function terms(text) {
    const plain = text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
    const found = [];
    for (const [word] of plain.matchAll(/[\p{L}\p{N}]+/gu)) {
      let at = 0;
      for (const run of word.matchAll(UNPARTED)) {
        if (run.index > at) found.push({ text: cut(word.slice(at, run.index)), whole: false });
        const letters = [...run[0]];
        for (let one = 0; one < Math.max(1, letters.length - 1); one++)
          found.push({ text: letters.slice(one, one + 2).join(""), whole: letters.length > 1 });
        at = run.index + run[0].length;
      }
      if (at < word.length) found.push({ text: cut(word.slice(at)), whole: false });
    }
    return found;
  }
  const cut = (word) => [...word].slice(0, LONGEST).join("");

  function fileNumber(word) {
    let number = 0;
    for (const char of [...word].slice(0, 2)) number = (number * 31 + char.codePointAt(0)) % FILES;
    return number;
  }

  function load(file) {
    if (!loaded.has(file))
      loaded.set(file, new Promise((done) => {
        waiting.set(file, done);
        const script = document.createElement("script");
        script.src = "find/" + file + ".js";
        script.onerror = () => done(null);
        document.head.append(script);
      }));
    return loaded.get(file);
  }
  const hex = (number) => number.toString(16).padStart(2, "0");
  window.ingestFound = (number, words) => waiting.get(hex(number))(words);
  window.ingestTitles = (number, rows) => waiting.get("titles-" + number)(rows);

  function places(packed) {
    let before = 0;
    return packed ? packed.split(".").map((step) => (before += parseInt(step, 36))) : [];
  }

  async function articlesOf(term) {
    const words = (await load(hex(fileNumber(term.text)))) || {};
    const found = new Map();
    for (const [word, packed] of Object.entries(words)) {
      if (term.whole ? word !== term.text : !word.startsWith(term.text)) continue;
      const [titles, texts] = packed.split(";");
      for (const place of places(texts)) if (!found.has(place)) found.set(place, 0);
      for (const place of places(titles)) found.set(place, 1);
    }
    return found;
  }

  function element(name, text, kind) {
    const made = document.createElement(name);
    made.textContent = text;
    if (kind) made.className = kind;
    return made;
  }

  async function show(ranked, from) {
    for (const place of ranked.slice(from, from + SHOWN)) {
      const rows = await load("titles-" + Math.floor(place / about.titles));
      if (!rows) continue;
      const [file, title, source, day, teaser] = rows[place % about.titles];
      const item = document.createElement("li"), link = element("a", title, "title");
      item.dir = "auto";
      link.href = file;
      item.append(link, element("p", teaser), element("p", (day || "no date") + " \u00b7 " + source, "facts"));
      hits.append(item);
    }
    document.getElementById("more")?.remove();
    if (ranked.length > from + SHOWN) {
      const more = element("button", "Show more");
      more.id = "more";
      more.onclick = () => show(ranked, from + SHOWN);
      hits.after(more);
    }
  }

  async function search(asked) {
    field.value = asked;
    hits.replaceChildren();
    document.getElementById("more")?.remove();
    const wanted = terms(asked).filter((term) => [...term.text].length > 1);  // a file holds words by two characters
    if (!wanted.length) {
      said.textContent = "Type two letters or more.";
      return;
    }
    said.textContent = "Searching ...";
    let found = null;
    for (const term of wanted) {
      const own = await articlesOf(term);
      if (found === null) found = own;
      else for (const [place, score] of found) own.has(place) ? found.set(place, score + own.get(place)) : found.delete(place);
    }
    const ranked = [...found.keys()].sort((a, b) => found.get(b) - found.get(a) || a - b);
    said.textContent = ranked.length ? ranked.length + (ranked.length === 1 ? " article" : " articles")
      : "Nothing found in " + about.articles + " articles; try fewer words, or the beginning of one.";
    await show(ranked, 0);
  }

  const asked = new URLSearchParams(location.search).get("q");
  if (asked) search(asked);
  document.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    history.replaceState(null, "", "?q=" + encodeURIComponent(field.value));
    search(field.value);
  });
  window.ingestTerms = (text) => terms(text).map((term) => term.text);
})();
