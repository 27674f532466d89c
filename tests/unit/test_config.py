"""Settings: where they come from, what they may be, and the message that a wrong one gives."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from ingest.config import Config, find_home, load, setting_docs
from ingest.errors import SettingsError


def test_a_text_value_takes_the_type_of_its_setting():
    config = Config.from_settings(
        {
            "INGEST_DELAY_S": "2.5",
            "INGEST_MAX_ARTICLES": "1_000",
            "INGEST_KEEP_RAW": "no",
            "INGEST_ALLOW_NETWORKS": "127.2.0.0/15, ::1/128",
            "SOMETHING_ELSE": "is left alone",
        }
    )
    assert config.delay_s == 2.5
    assert config.max_articles == 1000
    assert config.keep_raw is False
    assert config.allow_networks == (ip_network("127.2.0.0/15"), ip_network("::1/128"))


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("INGEST_DELAY_S", "0", "INGEST_DELAY_S is 0.0; the smallest allowed is 0.001"),
        ("INGEST_DELAY_S", "nan", "the smallest allowed"),
        ("INGEST_DELAY_S", "fast", "must be a number"),
        ("INGEST_WORKERS", "two", "must be a whole number"),
        ("INGEST_KEEP_RAW", "perhaps", "must be true or false"),
        ("INGEST_ALLOW_NETWORKS", "127.0.0.1/8", "has host bits set"),
        ("INGEST_LOG_FORMAT", "xml", "use text or json"),
        ("INGEST_LOG_LEVEL", "loud", "use DEBUG"),
        ("INGEST_CONTACT", "me\r\nX-Evil: 1", "line break"),
        ("INGEST_DELY_S", "1", "did you mean INGEST_DELAY_S?"),
    ],
)
def test_a_wrong_setting_is_named_with_what_is_allowed(name, value, told):
    with pytest.raises(SettingsError) as caught:
        Config.from_settings({name: value})
    assert name in str(caught.value)
    assert told in str(caught.value)


def test_the_home_is_the_nearest_folder_upwards_that_looks_like_one(tmp_path):
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert find_home(below) != tmp_path
    (tmp_path / "sources.toml").touch()
    assert find_home(below) == tmp_path


def test_a_home_given_outranks_the_one_found(tmp_path, monkeypatch):
    (tmp_path / "ingest.db").touch()
    monkeypatch.chdir(tmp_path)
    assert load({}).home == tmp_path
    assert load({"INGEST_HOME": "/elsewhere"}).home == Path("/elsewhere")
    assert load({"INGEST_HOME": "/elsewhere"}, home=Path("here")).home == tmp_path / "here"


def test_settings_written_out_are_read_back_the_same():
    config = Config.from_settings({"INGEST_DELAY_S": "3", "INGEST_ALLOW_NETWORKS": "10.0.0.0/8"})
    assert Config.from_settings(config.as_settings()) == config


def test_every_setting_says_what_it_does():
    assert all(item.doc and item.name.startswith("INGEST_") for item in setting_docs())
