"""A table of wrong uses: one clear line each, nothing on stdout, the right exit code. In one process, to be quick."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.cli import cli, ended
from ingest.store import open_store

# what is typed, the exit code, and what the line says
WRONG_USES: tuple[tuple[tuple[str, ...], int, str], ...] = (
    (('shw', '1'), 2, "did you mean 'show'?"),
    (('show',), 2, "Missing argument 'ID|URL'"),
    (('show', '1', '2', '3'), 2, 'unexpected extra argument'),
    (('show', '0'), 2, 'not an address'),
    (('show', '-1'), 2, "No such option '-1'"),
    (('show', 'x'), 2, 'not an address'),
    (('show', '99'), 2, 'no article'),
    (('show', '1', '0'), 2, 'not in the range'),
    (('show', '9999999999999999999999999999999999999999'), 2, 'no article'),
    (('show', '1', '--bogus'), 2, "Did you mean '--verbose'?"),
    (('crawl',), 2, "Missing argument 'URL"),
    (('crawl', 'ftp://x/'), 2, 'only http:// and https://'),
    (('crawl', 'http://'), 2, 'not an address'),
    (('crawl', 'not a url'), 2, 'not an address'),
    (('crawl', 'http://a.example/', '--since', 'yesterday'), 2, 'is no moment'),
    (('crawl', 'http://a.example/', '--max-articles', '0'), 2, 'not in the range'),
    (('crawl', 'http://a.example/', '--max-runtime', '5'), 2, 'is no duration'),
    (('crawl', 'http://a.example/', '--max-articles', 'many'), 2, 'not a valid integer'),
    (('crawl', 'http://[::1/'), 2, 'not an address'),
    (('crawl', 'http://a.example:99999/'), 2, 'not an address'),
    (('run', 'nope'), 2, 'no sources.toml'),
    (('run', '--since', '7x'), 2, 'is no moment'),
    (('run', '--shard', '3'), 2, 'is no shard'),
    (('run', '--shard', '0/2'), 2, 'is no shard'),
    (('run', '--shard', '5/2'), 2, 'is no shard'),
    (('run', '--max-runtime', '-5m'), 2, 'is no duration'),
    (('run', '--strikt'), 2, "Did you mean '--strict'?"),
    (('run',), 2, 'no sources.toml'),
    (('fetch',), 2, 'no address given'),
    (('fetch', 'javascript:alert(1)'), 2, 'only http:// and https://'),
    (('fetch', '-i', '/no/such/file'), 2, 'cannot be read'),
    (('fetch', 'http://a.example/', '-f', 'pdf'), 2, 'is not one of'),
    (('fetch', 'http://a.example/', '-f', 'md', '--json'), 2, 'give one of them'),
    (('fetch', '-i', '/'), 2, 'is a directory'),
    (('clean',), 2, "Missing argument 'URL|FILE|FOLDER|-'"),
    (('clean', '/no/such/file'), 2, 'cannot be read'),
    (('clean', 'http://a.example/x', '--learn'), 2, 'goes with'),
    (('clean', 'http://a.example/x', '--url', 'http://b.example/'), 2, 'goes with'),
    (('clean', '-f', 'docx', 'x'), 2, 'is not one of'),
    (('clean', 'https://'), 2, 'not an address'),
    (('clean', 'x', '--source', 'nope'), 2, 'cannot be read'),
    (('clean', 'http://a.example/', '-f', 'md', '--explain'), 2, 'exclude each other'),
    (('import',), 2, "Missing argument 'FILE|DIR"),
    (('import', '/no/such/file'), 2, 'does not exist'),
    (('why',), 2, "Missing argument 'URL|ID'"),
    (('why', '99'), 2, 'never met'),
    (('why', 'http://never.example/met'), 2, 'never met'),
    (('why', 'x y'), 2, 'not an address'),
    (('search',), 2, "Missing argument 'WORDS"),
    (('search', '?'), 2, 'holds no word'),
    (('search', 'x', '--limit', '0'), 2, 'not in the range'),
    (('search', 'x', '--source', 'nope'), 2, 'source "nope" is not in the database'),
    (('search', 'x', '--since', 'never'), 2, 'is no moment'),
    (('search', '-x'), 2, "No such option '-x'"),
    (('search', 'x', '--by', 'moon'), 2, 'is not one of'),
    (('reextract', '--source', 'nope'), 2, 'no source "nope"'),
    (('reextract', '--since', 'x'), 2, 'is no moment'),
    (('forget',), 2, "Missing argument 'URL|ID|SOURCE'"),
    (('forget', 'http://never.example/met'), 2, 'never met'),
    (('forget', '99'), 2, 'no article'),
    (('forget', 'nope'), 2, 'source "nope" is not in the database'),
    (('report', '--days', '0'), 2, 'not in the range'),
    (('report', '--days', 'x'), 2, 'not a valid integer'),
    (('report', '-o', '/no/such/folder/r.html'), 1, 'there is no folder'),
    (('report', '-o', '/'), 2, 'is a folder'),
    (('export', '-f', 'docs'), 2, 'is not one of'),
    (('export', '-o', 'a.xyz'), 2, 'no format has this suffix'),
    (('export', '--ids', 'a-b'), 2, 'use numbers and ranges'),
    (('export', '--since-last', ''), 2, 'use a name'),
    (('export', '--source', 'nope'), 2, 'source "nope" is not in the database'),
    (('export', '--chunks', '5'), 2, 'not in the range'),
    (('export', '-f', 'csv', '--chunks', '100'), 2, 'goes with'),
    (('export', '--since-last', 'w', '--query', 'x'), 2, 'exclude each other'),
    (('export', '-o', '/no/such/folder/a.csv'), 1, 'there is no folder'),
    (('export', '--min-words', '0'), 2, 'not in the range'),
    (('export', '-f', 'md'), 2, 'name a folder'),
    (('export', '--until', 'x'), 2, 'is no moment'),
    (('blocks', 'lst'), 2, "Did you mean 'list'?"),
    (('blocks', 'list', 'nope'), 2, 'no source "nope"'),
    (('blocks', 'keep'), 2, "Missing argument 'SOURCE'"),
    (('blocks', 'keep', 'nope', '1'), 2, 'no source "nope"'),
    (('blocks', 'cut', 'nope'), 2, "Missing argument 'ID|TEXT'"),
    (('blocks', 'apply', 'nope'), 2, 'no source "nope"'),
    (('rules', 'test', 'nope'), 2, 'no sources.toml'),
    (('rules', 'import', '/no/such'), 2, 'does not exist'),
    (('rules', 'suggest', 'nope'), 2, 'no source "nope"'),
    (('sources', 'chek'), 2, "Did you mean 'check'?"),
    (('sources', 'retire', 'nope'), 2, 'no source "nope"'),
    (('sources', 'import', '/no/such'), 2, 'does not exist'),
    (('sources', 'check', 'nope'), 2, 'no sources.toml'),
    (('sources', 'list', '--jsn'), 2, "Did you mean '--json'?"),
    (('sources', 'export', '-o', '/no/such/x.opml'), 2, 'no sources.toml'),
    (('status', 'nope'), 2, 'no source "nope"'),
    (('status', '--fail'), 2, "Did you mean one of: '--failed', '--fleet'?"),
    (('health', 'x'), 2, 'unexpected extra argument'),
    (('work', '--concurrency', '0'), 2, 'not in the range'),
    (('enqueue', 'nope'), 2, 'need PostgreSQL'),
    (('schedule',), 2, 'Missing argument'),
    (('schedule', 'at'), 2, 'is not one of'),
    (('schedule', 'cron', '--every', '7q'), 2, 'is no duration'),
    (('prune', '--dry'), 2, "Did you mean '--dry-run'?"),
    (('db', 'restore'), 2, "No such command 'restore'"),
    (('db', 'backup', '/no/such/folder/x.db'), 1, 'there is no folder'),
    (('config', '--shw'), 2, "Did you mean '--show'?"),
    (('add',), 2, "Missing argument 'URL'"),
    (('add', 'file:///etc/passwd'), 2, 'only http:// and https://'),
    (('add', 'http://a.example/', '--name', 'a b'), 2, 'not a name'),
    (('demo', 'x'), 2, 'unexpected extra argument'),
    (('--home',), 2, 'requires an argument'),
    (('--log-format', 'xml', 'status'), 2, 'is not one of'),
    (('changes', '--since', 'x'), 2, 'is no moment'),
    (('db', 'backup', '/'), 2, 'is a folder'),
    (('db', 'backup', '--with-raw', '/'), 2, 'exists'),
    (('report', '--articles', '/proc'), 2, 'holds other files'),
)  # fmt: skip


def test_each_wrong_use_gets_one_clear_line_and_its_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    open_store(f"sqlite:///{tmp_path / 'ingest.db'}", create=True).close()
    wrong = []
    for typed, code, said in WRONG_USES:
        at_home = typed if typed[0].startswith("--") else ("--home", str(tmp_path), *typed)
        got = ended(cli, list(at_home))
        out, err = capsys.readouterr()
        if (got, out, len(err.splitlines())) != (code, "", 1) or said not in err or "Traceback" in err:
            wrong.append((" ".join(typed), got, out, err))
    assert wrong == []
    assert {file.name.partition(".db")[0] for file in tmp_path.iterdir()} == {"ingest"}, "nothing half-written"


def test_the_table_has_a_hundred_uses() -> None:
    assert len({typed for typed, _, _ in WRONG_USES}) == len(WRONG_USES) >= 100
