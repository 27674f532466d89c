"""sources.toml read strictly and written with care; wrong files in tests/data/sources.toml."""

import tempfile
import tomllib
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import SourceError
from ingest.model import ExtractionRules, Seed, SeedKind, Source
from ingest.sources import load, remove, template, write
from ingest.sources.checks import source_of

WRONG: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent.parent / "data" / "sources.toml").read_text("utf-8")
)["wrong"]

WHOLE = """\
# our sites
delay_s = 2.0          # be gentle
max_articles = 50

[sources.courier]
url = "https://courier.example/"   # the town's paper
feeds = [
    "/feed.xml",       # the main one
    "https://feeds.example/courier",
]
sitemaps = ["https://courier.example/sitemap.xml"]
sections = ["https://courier.example/town/"]
lists = ["old/urls.txt", "https://courier.example/list.txt"]
match = ['/\\d{4}/']
exclude = ['/sponsored/']
language = "en-GB"
timezone = "Europe/London"
delay_s = 3
every_min = 30
max_articles = 20
max_requests = 100
max_runtime_s = 60.5

[sources.courier.rules]
keep = ["div.story"]
strip = [".newsletter", "//div[@id='ads']"]
strip_text = ['^Sign up']

[sources."bote.example"]
url = "http://bote.example"
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "sources.toml").write_text(WHOLE, "utf-8")
    return tmp_path


def test_every_key_is_read(home: Path) -> None:
    file = load(home)
    courier, bote = file.sources
    assert courier == Source(
        name="courier",
        url="https://courier.example/",
        seeds=(
            Seed(url="https://courier.example/feed.xml", kind=SeedKind.FEED),
            Seed(url="https://feeds.example/courier", kind=SeedKind.FEED),
            Seed(url="https://courier.example/sitemap.xml", kind=SeedKind.SITEMAP),
            Seed(url="https://courier.example/town/", kind=SeedKind.SECTION),
            Seed(url=(home / "old/urls.txt").as_uri(), kind=SeedKind.LIST),
            Seed(url="https://courier.example/list.txt", kind=SeedKind.LIST),
        ),
        match=(r"/\d{4}/",),
        exclude=("/sponsored/",),
        language="en-GB",
        timezone="Europe/London",
        delay_s=3,
        every_min=30,
        max_articles=20,
        max_requests=100,
        max_runtime_s=60.5,
        rules=ExtractionRules(keep=("div.story",), strip=(".newsletter", "//div[@id='ads']"), strip_text=("^Sign up",)),
    )
    assert bote == Source(name="bote.example", url="http://bote.example/")
    assert file.settings == {"delay_s": 2.0, "max_articles": 50}
    assert file.named("courier") is courier


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case["why"])
def test_wrong_file_is_reported_in_one_line(case: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text(case["text"], "utf-8")
    with pytest.raises(SourceError) as caught:
        load(tmp_path)
    for part in case["told"]:
        assert part in str(caught.value)
    assert "\n" not in str(caught.value)


def test_folder_of_files_is_read_after_the_main_file(home: Path) -> None:
    (home / "sources.d").mkdir()
    (home / "sources.d" / "b.toml").write_text('delay_s = 9\n[sources.b]\nurl = "https://b.example/"', "utf-8")
    (home / "sources.d" / "a.toml").write_text('[sources.a]\nurl = "https://a.example/"', "utf-8")
    (home / "sources.d" / "notes.txt").write_text("not read", "utf-8")
    file = load(home)
    assert [source.name for source in file.sources] == ["courier", "bote.example", "a", "b"]
    assert file.settings["delay_s"] == 9


def test_name_declared_in_two_files_is_reported(home: Path) -> None:
    (home / "sources.d").mkdir()
    (home / "sources.d" / "a.toml").write_text('[sources.courier]\nurl = "https://a.example/"', "utf-8")
    with pytest.raises(SourceError, match=r'a\.toml, source "courier": declared in sources\.toml already'):
        load(home)


def test_single_file_is_read_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('[sources.a]\nurl = "https://a.example/"', "utf-8")
    assert load(tmp_path / "mine.toml").sources[0].name == "a"


def test_missing_file_says_what_to_type(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="ingest init"):
        load(tmp_path)


def test_file_that_is_no_text_is_reported(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_bytes(b"\xff\xfe[\x00")
    with pytest.raises(SourceError, match="not UTF-8"):
        load(tmp_path)


def test_byte_order_mark_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text('[sources.a]\nurl = "https://a.example/"', "utf-8-sig")
    assert load(tmp_path).sources[0].name == "a"


def test_folder_in_place_of_the_file_is_reported(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").mkdir()
    with pytest.raises(SourceError, match="cannot be read"):
        load(tmp_path)


def test_unknown_name_is_answered_with_the_nearest(home: Path) -> None:
    with pytest.raises(SourceError, match='did you mean "courier"'):
        load(home).named("curier")


def test_template_of_a_new_home_declares_nothing(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text(template(), "utf-8")
    assert load(tmp_path).sources == ()


def test_examples_of_the_template_can_be_used_as_they_are(tmp_path: Path) -> None:
    lines = template().splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("# delay_s"))
    text = "\n".join(line.removeprefix("#").strip() for line in lines[start:])
    (tmp_path / "sources.toml").write_text(text, "utf-8")
    (source,) = load(tmp_path).sources
    assert source.rules.strip == (".newsletter",)


def test_written_source_is_read_back_and_the_rest_keeps_its_comments(home: Path) -> None:
    courier = load(home).named("courier")
    write(home, replace(courier, delay_s=4.5, timezone=None, match=()))
    text = (home / "sources.toml").read_text("utf-8")
    for kept in ("# our sites", "# be gentle", "# the town's paper", '[sources."bote.example"]'):
        assert kept in text
    assert load(home).named("courier") == replace(courier, delay_s=4.5, timezone=None, match=())
    assert "timezone" not in text
    assert 'lists = ["old/urls.txt"' in text


def test_source_written_unchanged_changes_nothing_but_addresses_made_whole(home: Path) -> None:
    write(home, load(home).named("bote.example"))
    before = WHOLE.replace('"http://bote.example"', '"http://bote.example/"')
    assert (home / "sources.toml").read_text("utf-8") == before


def test_new_source_goes_to_a_new_file_with_the_template_around(tmp_path: Path) -> None:
    source = Source(name="a.b", url="https://a.example/", seeds=(Seed(url="https://a.example/f", kind=SeedKind.FEED),))
    assert write(tmp_path / "sub", source) == tmp_path / "sub" / "sources.toml"
    assert load(tmp_path / "sub").sources == (source,)
    assert (tmp_path / "sub" / "sources.toml").read_text("utf-8").startswith(template().splitlines()[0])


def test_source_is_changed_in_the_file_that_declares_it(home: Path) -> None:
    (home / "sources.d").mkdir()
    (home / "sources.d" / "a.toml").write_text('[sources.a]\nurl = "https://a.example/"', "utf-8")
    assert write(home, Source(name="a", url="https://a2.example/")).name == "a.toml"
    assert load(home).named("a").url == "https://a2.example/"


def test_permissions_of_the_file_are_kept(home: Path) -> None:
    (home / "sources.toml").chmod(0o640)
    write(home, Source(name="a", url="https://a.example/"))
    assert (home / "sources.toml").stat().st_mode & 0o777 == 0o640
    assert [file.name for file in home.iterdir()] == ["sources.toml"]


def test_removed_source_is_gone_and_others_stay(home: Path) -> None:
    remove(home, "courier")
    assert [source.name for source in load(home).sources] == ["bote.example"]
    with pytest.raises(SourceError, match='no source "courier"'):
        remove(home, "courier")


@given(st.text(max_size=200))
def test_any_text_is_sources_or_reported(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "sources.toml"
        file.write_bytes(text.encode("utf-8", "surrogatepass"))
        with suppress(SourceError):
            load(Path(folder))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(["url", "feeds", "lists", "match", "language", "timezone", "delay_s", "rules", "fedes"])


@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_any_table_is_a_source_or_reported(table: dict[str, Any]) -> None:
    with suppress(SourceError):
        assert source_of("a", {"url": "https://a.example/", **table}, file=Path("sources.toml")).name == "a"


COMMENTED = tomllib.loads((Path(__file__).parents[1] / "data" / "comments.toml").read_text("utf-8"))["case"]


@pytest.mark.parametrize("case", COMMENTED, ids=lambda case: case["name"])
def test_comments_stay_with_their_source(case: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "sources.toml"
    file.write_text(case["before"], "utf-8")
    if "every_min" in case:
        write(tmp_path, replace(load(tmp_path).named(case["change"]), every_min=case["every_min"]))
    else:
        remove(tmp_path, case["change"])
    assert file.read_text("utf-8") == case["after"]
