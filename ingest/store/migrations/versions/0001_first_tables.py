"""The first tables: sources, pages, articles, what is learned, runs and their books."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# for people: one row per article, its latest text, times as the site gave them
ARTICLES_CLEAN = """
CREATE VIEW articles_clean AS
SELECT
    article.id,
    source.name AS source,
    article.url,
    article.canonical_url,
    revision.title,
    revision.description,
    revision.authors,
    revision.published_at,
    revision.published_on,
    revision.published_precision,
    revision.modified_at,
    revision.modified_on,
    revision.modified_precision,
    revision.language,
    revision.site_name,
    revision.section,
    revision.tags,
    revision.image,
    revision.paywalled,
    revision.words,
    revision.body,
    article.revisions,
    article.first_seen_at,
    article.revised_at,
    article.removed_at,
    article.cluster_id
FROM article
JOIN revision ON revision.article_id = article.id AND revision.no = article.revisions
JOIN source ON source.id = article.source_id
"""

# What is searched: title and stripped text of each article's latest revision, the only one that has a body. A trigger
# fires whoever changes a text, a cascade of deletes included.
_OLD = "INSERT INTO article_search(article_search, rowid, title, body) SELECT 'delete', old.article_id, {}"
_NEW = "INSERT INTO article_search(rowid, title, body) SELECT new.article_id, {}"
_TEXTS = "coalesce({0}.title_words, {0}.title), coalesce({0}.body_words, {0}.body) WHERE {0}.body IS NOT NULL"
_OUT, _IN = _OLD.format(_TEXTS.format("old")), _NEW.format(_TEXTS.format("new"))
SEARCH_SQLITE = (
    """
    CREATE VIEW article_search_text AS
    SELECT article_id, coalesce(title_words, title) AS title, coalesce(body_words, body) AS body
    FROM revision WHERE body IS NOT NULL""",
    # combining marks belong to words, or Indic words fall apart at their vowels
    """
    CREATE VIRTUAL TABLE article_search USING fts5(
        title, body, content='article_search_text', content_rowid='article_id',
        tokenize="unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'")""",
    f"CREATE TRIGGER revision_searched AFTER INSERT ON revision BEGIN {_IN}; END",
    f"CREATE TRIGGER revision_unsearched AFTER DELETE ON revision BEGIN {_OUT}; END",
    f"""
    CREATE TRIGGER revision_searched_again AFTER UPDATE OF title, body, title_words, body_words ON revision
    WHEN old.title IS NOT new.title OR old.body IS NOT new.body
      OR old.title_words IS NOT new.title_words OR old.body_words IS NOT new.body_words
    BEGIN {_OUT}; {_IN}; END""",
)

# The language of a text by the configuration that knows its stems. A dump is restored without a search path: what the
# functions call is bound when they are made, or stands in pg_catalog.
STEMMED = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian",
    "id": "indonesian", "it": "italian", "lt": "lithuanian", "ne": "nepali", "nl": "dutch", "no": "norwegian",
    "nb": "norwegian", "nn": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian",
    "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip  # a table
# all that stands between words but spaces, four in five of it; the parser would make hosts, paths and numbers of it
_BETWEEN = (
    "[\\u0001-\\u001f\\u0021-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00bf"
    "\\u2000-\\u206f\\u3000-\\u3004\\u3008-\\u303f]+"
)
_SPACED = f"regexp_replace(lower({{}}), '{_BETWEEN}', ' ', 'g')"
_FOLDED = "normalize(regexp_replace(normalize({}, NFKD), '[\\u0300-\\u036f]', '', 'g'), NFC)"
_SIMPLE = "CAST('pg_catalog.simple' AS regconfig)"
_FUNCTION = "LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN"
TITLE_CHARS = 1_000  # what is longer is none
SEARCHED_CHARS = 100_000  # about where a tsvector's positions end (16,383); more could outgrow its 1 MB
SEARCH_POSTGRESQL = (
    f"CREATE FUNCTION ingest_spaced(text) RETURNS text {_FUNCTION} {_SPACED.format('$1')}",
    f"CREATE FUNCTION ingest_words(text) RETURNS text {_FUNCTION} {_FOLDED.format('ingest_spaced($1)')}",
    # in one function, which makes each form of a text once: half of what the column costs is making it
    f"""
    CREATE FUNCTION ingest_search(language text, title text, body text) RETURNS tsvector
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $made$
    DECLARE
        spaced_title text := {_SPACED.format(f"left(title, {TITLE_CHARS})")};
        spaced_body text := {_SPACED.format(f"left(body, {SEARCHED_CHARS})")};
        words_of_title text := spaced_title;
        words_of_body text := spaced_body;
        spaced text := spaced_title || ' ' || spaced_body;
        words tsvector;
        stems tsvector := CASE split_part(lower(language), '-', 1) STEMS END;
    BEGIN
        IF octet_length(words_of_title) <> length(words_of_title) THEN
            words_of_title := {_FOLDED.format("words_of_title")};
        END IF;
        IF octet_length(words_of_body) <> length(words_of_body) THEN
            words_of_body := {_FOLDED.format("words_of_body")};
        END IF;
        words := setweight(to_tsvector({_SIMPLE}, words_of_title), 'A') || to_tsvector({_SIMPLE}, words_of_body);
        RETURN CASE WHEN stems IS NULL THEN words ELSE words || strip(stems) END;
    END $made$""",
    """
    ALTER TABLE revision ADD COLUMN search tsvector GENERATED ALWAYS AS (
        CASE WHEN body IS NULL THEN NULL ELSE
            ingest_search(language, coalesce(title_words, title, ''), coalesce(body_words, body))
        END) STORED""",
    "CREATE INDEX ix_revision_search ON revision USING gin (search)",
)


def _make_searchable() -> None:
    """Index title and text of every latest revision."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        for statement in SEARCH_SQLITE:
            op.execute(statement)
        return
    known = set(
        connection.execute(
            sa.text("SELECT cfgname FROM pg_ts_config WHERE cfgnamespace = CAST('pg_catalog' AS regnamespace)")
        ).scalars()
    )
    stems = " ".join(
        f"WHEN '{language}' THEN to_tsvector(CAST('pg_catalog.{name}' AS regconfig), spaced)"
        for language, name in STEMMED.items()
        if name in known
    )
    for statement in SEARCH_POSTGRESQL:
        op.execute(statement.replace("STEMS", stems))


def upgrade() -> None:
    op.create_table(
        "cluster",
        sa.Column("id", ID, nullable=False),
        sa.Column("earliest_article_id", ID, nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cluster")),
    )
    op.create_table(
        "export_cursor",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("revision_id", ID, server_default="0", nullable=False),
        sa.Column("exported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("articles", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_export_cursor")),
    )
    op.create_table(
        "host",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("delay_s", sa.Float(), nullable=True),
        sa.Column("crawl_delay_s", sa.Float(), nullable=True),
        sa.Column("latency_s", sa.Float(), nullable=True),
        sa.Column("closed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("robots", sa.Text(), nullable=True),
        sa.Column("robots_status", sa.Integer(), nullable=True),
        sa.Column("robots_fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_host")),
    )
    op.create_table(
        "run",
        sa.Column("id", ID, nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("machine", sa.Text(), nullable=True),
        sa.Column("pid", sa.Integer(), nullable=True),
        sa.Column("version", sa.Text(), nullable=True),
        sa.Column("exit_code", sa.Integer(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("broken", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_run_begun_at"), "run", ["begun_at"], unique=False)
    op.create_table(
        "source",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("declared", sa.Text(), nullable=False),
        sa.Column("ad_hoc", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_run_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("learned_to", ID, server_default="0", nullable=False),
        sa.Column("sense", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
        sa.UniqueConstraint("name", name=op.f("uq_source_name")),
    )
    op.create_index(op.f("ix_source_next_due_at"), "source", ["next_due_at"], unique=False)
    op.create_index(op.f("ix_source_unit"), "source", ["unit"], unique=False)
    op.create_table(
        "article",
        sa.Column("id", ID, nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("url_key", sa.String(length=32), nullable=False),
        sa.Column("canonical_url", sa.Text(), nullable=True),
        sa.Column("canonical_key", sa.String(length=32), nullable=True),
        sa.Column("revisions", sa.Integer(), server_default="0", nullable=False),
        sa.Column("body_digest", sa.String(length=32), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=True),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cluster_id", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["cluster_id"], ["cluster.id"], name=op.f("fk_article_cluster_id_cluster"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_article_source_id_source")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article")),
        sa.UniqueConstraint("url_key", name=op.f("uq_article_url_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_article_body_digest"), "article", ["body_digest"], unique=False)
    op.create_index(
        "ix_article_canonical_key",
        "article",
        ["canonical_key"],
        unique=False,
        sqlite_where=sa.text("canonical_key IS NOT NULL"),
        postgresql_where=sa.text("canonical_key IS NOT NULL"),
    )
    op.create_index(op.f("ix_article_cluster_id"), "article", ["cluster_id"], unique=False)
    op.create_index(op.f("ix_article_revised_at"), "article", ["revised_at"], unique=False)
    op.create_index(op.f("ix_article_source_id_id"), "article", ["source_id", "id"], unique=False)
    op.create_table(
        "block",
        sa.Column("id", ID, nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("pattern", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("articles", sa.Integer(), server_default="0", nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_block_source_id_source"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_block")),
        sa.UniqueConstraint("source_id", "digest", name=op.f("uq_block_source_id_digest")),
    )
    op.create_table(
        "finding",
        sa.Column("id", ID, nullable=False),
        sa.Column("source_id", ID, nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("suspicion", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("run_id", ID, nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("alerted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recovery_alerted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_finding_run_id_run"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_finding_source_id_source"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
    )
    op.create_index(
        op.f("ix_finding_ended_at_source_id_kind"), "finding", ["ended_at", "source_id", "kind"], unique=False
    )
    op.create_table(
        "run_source",
        sa.Column("run_id", ID, nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("next_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("found", sa.Integer(), server_default="0", nullable=False),
        sa.Column("new", sa.Integer(), server_default="0", nullable=False),
        sa.Column("requests", sa.Integer(), server_default="0", nullable=False),
        sa.Column("fetched", sa.Integer(), server_default="0", nullable=False),
        sa.Column("stored", sa.Integer(), server_default="0", nullable=False),
        sa.Column("revised", sa.Integer(), server_default="0", nullable=False),
        sa.Column("unchanged", sa.Integer(), server_default="0", nullable=False),
        sa.Column("duplicate", sa.Integer(), server_default="0", nullable=False),
        sa.Column("screened", sa.Integer(), server_default="0", nullable=False),
        sa.Column("refused", sa.Integer(), server_default="0", nullable=False),
        sa.Column("gone", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("bytes", ID, server_default="0", nullable=False),
        sa.Column("seconds", sa.Float(), server_default="0", nullable=False),
        sa.Column("fresh", sa.Integer(), server_default="0", nullable=False),
        sa.Column("dated", sa.Integer(), server_default="0", nullable=False),
        sa.Column("authored", sa.Integer(), server_default="0", nullable=False),
        sa.Column("words", ID, server_default="0", nullable=False),
        sa.Column("blocks", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cut", sa.Integer(), server_default="0", nullable=False),
        sa.Column("left", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reasons", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_run_source_run_id_run"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_run_source_source_id_source"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "source_id", name=op.f("pk_run_source")),
    )
    op.create_index(op.f("ix_run_source_source_id_run_id"), "run_source", ["source_id", "run_id"], unique=False)
    op.create_table(
        "seed",
        sa.Column("id", ID, nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("url_key", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("depth", sa.Integer(), server_default="0", nullable=False),
        sa.Column("declared", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("digest", sa.String(length=32), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_polled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_poll_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unchanged", sa.Integer(), server_default="0", nullable=False),
        sa.Column("links", sa.Integer(), server_default="0", nullable=False),
        sa.Column("new", sa.Integer(), server_default="0", nullable=False),
        sa.Column("newest_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_seed_source_id_source"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seed")),
        sa.UniqueConstraint("source_id", "url_key", name=op.f("uq_seed_source_id_url_key")),
    )
    op.create_table(
        "snapshot",
        sa.Column("id", ID, nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("run_id", ID, nullable=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("url_key", sa.String(length=32), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("offset", ID, nullable=False),
        sa.Column("length", ID, nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_snapshot_run_id_run"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_snapshot_source_id_source"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snapshot")),
    )
    op.create_index(op.f("ix_snapshot_digest"), "snapshot", ["digest"], unique=False)
    op.create_index(op.f("ix_snapshot_file"), "snapshot", ["file"], unique=False)
    op.create_index(op.f("ix_snapshot_source_id_id"), "snapshot", ["source_id", "id"], unique=False)
    op.create_index(op.f("ix_snapshot_url_key"), "snapshot", ["url_key"], unique=False)
    op.create_table(
        "block_use",
        sa.Column("block_id", ID, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_block_use_article_id_article"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["block_id"], ["block.id"], name=op.f("fk_block_use_block_id_block"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("block_id", "article_id", name=op.f("pk_block_use")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_block_use_article_id"), "block_use", ["article_id"], unique=False)
    op.create_table(
        "fingerprint",
        sa.Column("band", sa.Integer(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("band", "value", "article_id", name=op.f("pk_fingerprint")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "page",
        sa.Column("id", ID, nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("url_key", sa.String(length=32), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("rank", ID, server_default="0", nullable=False),
        sa.Column("depth", sa.Integer(), server_default="0", nullable=False),
        sa.Column("hint", sa.Text(), nullable=True),
        sa.Column("lastmod", sa.Text(), nullable=True),
        sa.Column("met_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("met_run_id", ID, nullable=True),
        sa.Column("claimed_run_id", ID, nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("run_id", ID, nullable=True),
        sa.Column("recheck_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rechecks", sa.Integer(), server_default="0", nullable=False),
        sa.Column("alias_of", ID, nullable=True),
        sa.Column("article_id", ID, nullable=True),
        sa.ForeignKeyConstraint(["alias_of"], ["page.id"], name=op.f("fk_page_alias_of_page"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_page_article_id_article"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_page_source_id_source"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page")),
        sa.UniqueConstraint("url_key", name=op.f("uq_page_url_key")),
    )
    op.create_index(
        "ix_page_alias_of",
        "page",
        ["alias_of"],
        unique=False,
        sqlite_where=sa.text("alias_of IS NOT NULL"),
        postgresql_where=sa.text("alias_of IS NOT NULL"),
    )
    op.create_index(
        "ix_page_article_id",
        "page",
        ["article_id"],
        unique=False,
        sqlite_where=sa.text("article_id IS NOT NULL"),
        postgresql_where=sa.text("article_id IS NOT NULL"),
    )
    op.create_index(
        "ix_page_queued",
        "page",
        ["source_id", "rank", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "ix_page_recheck",
        "page",
        ["source_id", "recheck_at"],
        unique=False,
        sqlite_where=sa.text("recheck_at IS NOT NULL"),
        postgresql_where=sa.text("recheck_at IS NOT NULL"),
    )
    op.create_table(
        "revision",
        sa.Column("id", ID, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("run_id", ID, nullable=True),
        sa.Column("snapshot_id", ID, nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("authors", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("published_offset_min", sa.Integer(), nullable=True),
        sa.Column("published_precision", sa.Text(), nullable=True),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("modified_on", sa.Date(), nullable=True),
        sa.Column("modified_offset_min", sa.Integer(), nullable=True),
        sa.Column("modified_precision", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("site_name", sa.Text(), nullable=True),
        sa.Column("section", sa.Text(), nullable=True),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("image", sa.Text(), nullable=True),
        sa.Column("paywalled", sa.Boolean(), nullable=True),
        sa.Column("words", sa.Integer(), server_default="0", nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("title_words", sa.Text(), nullable=True),
        sa.Column("body_words", sa.Text(), nullable=True),
        sa.Column("body_digest", sa.String(length=32), nullable=False),
        sa.Column("blocks", sa.LargeBinary(), nullable=False),
        sa.Column("claims", sa.LargeBinary(), nullable=False),
        sa.Column("alternate_urls", sa.Text(), nullable=False),
        sa.Column("parts", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_revision_article_id_article"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_revision_run_id_run"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["snapshot_id"], ["snapshot.id"], name=op.f("fk_revision_snapshot_id_snapshot"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision")),
        sa.UniqueConstraint("article_id", "no", name=op.f("uq_revision_article_id_no")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_revision_published_at"), "revision", ["published_at"], unique=False)
    op.create_index(op.f("ix_revision_snapshot_id"), "revision", ["snapshot_id"], unique=False)

    op.execute(ARTICLES_CLEAN)
    _make_searchable()
