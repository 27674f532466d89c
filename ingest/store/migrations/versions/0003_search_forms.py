"""Third schema: words are folded by one function of ours for searching, whatever the database; cursors of notices."""

import sqlalchemy as sa
from alembic import op

from ingest.text.search_terms import index_form

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BATCH = 500  # texts in memory at once: 5 MB
MOST = sa.text(
    "SELECT id, title, body, title_words, body_words FROM revision "
    "WHERE id > :id AND body IS NOT NULL ORDER BY id LIMIT :most"
)
# triggers of SQLite and PostgreSQL's generated column bring the index along
FOLDED = sa.text("UPDATE revision SET title_words = :title_words, body_words = :body_words WHERE id = :id")

# The words of a text without a copy folded by us: Latin letters lose accents and case, whatever the locale, and what
# stands between words becomes a space; the parser would make hosts, paths and numbers of it.
_BETWEEN = (
    "[\\u0001-\\u001f\\u0021-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00bf\\u00d7\\u00f7"
    "\\u2000-\\u206f\\u20a0-\\u20cf\\u3000-\\u3004\\u3008-\\u303f]+"
)
_SPACED = f"regexp_replace({{}}, '{_BETWEEN}', ' ', 'g')"
_BARE = "normalize(regexp_replace(normalize({}, NFKD), '[\\u0300-\\u036f]', '', 'g'), NFC)"
_SIMPLE = "CAST('pg_catalog.simple' AS regconfig)"
TITLE_CHARS = 1_000  # as in the first schema
SEARCHED_CHARS = 100_000
SEARCH_POSTGRESQL = (
    "DROP INDEX ix_revision_search",
    "ALTER TABLE revision DROP COLUMN search",
    "DROP FUNCTION ingest_search(text, text, text)",
    "DROP FUNCTION ingest_words(text)",
)
# Stems are made of the text as it stands, with its accents: that is what the stemmers were written for.
MADE_POSTGRESQL = (
    f"""
    CREATE FUNCTION ingest_search(language text, title text, body text, title_folded text, body_folded text)
    RETURNS tsvector LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $made$
    DECLARE
        spaced_title text := {_SPACED.format(f"left(title, {TITLE_CHARS})")};
        spaced_body text := {_SPACED.format(f"left(body, {SEARCHED_CHARS})")};
        words_of_title text := lower(coalesce(left(title_folded, {TITLE_CHARS}), spaced_title) COLLATE pg_catalog."C");
        words_of_body text := lower(coalesce(left(body_folded, {SEARCHED_CHARS}), spaced_body) COLLATE pg_catalog."C");
        spaced text := spaced_title || ' ' || spaced_body;
        words tsvector;
        stems tsvector := CASE split_part(lower(language), '-', 1) STEMS END;
    BEGIN
        IF title_folded IS NULL AND octet_length(words_of_title) <> length(words_of_title) THEN
            words_of_title := lower({_BARE.format("words_of_title")} COLLATE pg_catalog."C");
        END IF;
        IF body_folded IS NULL AND octet_length(words_of_body) <> length(words_of_body) THEN
            words_of_body := lower({_BARE.format("words_of_body")} COLLATE pg_catalog."C");
        END IF;
        words := setweight(to_tsvector({_SIMPLE}, words_of_title), 'A') || to_tsvector({_SIMPLE}, words_of_body);
        RETURN CASE WHEN stems IS NULL THEN words ELSE words || strip(stems) END;
    END $made$""",
    """
    ALTER TABLE revision ADD COLUMN search tsvector GENERATED ALWAYS AS (
        CASE WHEN body IS NULL THEN NULL ELSE
            ingest_search(language, coalesce(title, ''), body, title_words, body_words)
        END) STORED""",
    "CREATE INDEX ix_revision_search ON revision USING gin (search)",
)
# the languages whose stems the first schema's function knows, which differ from server to server
STEMS_OF_FIRST = sa.text(
    "SELECT substring(prosrc FROM '-'', 1\\) (.*?) END;') FROM pg_proc WHERE proname = 'ingest_search'"
)


def upgrade() -> None:
    """Make the search column anew (PostgreSQL), fold every text that needs it; add the cursors of notices."""
    connection = op.get_bind()
    op.create_table(
        "notice_cursor",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("revision_id", ID, server_default="0", nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("waiting", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_notice_cursor")),
    )
    if connection.dialect.name == "sqlite":
        _fold(connection)
        return
    stems = connection.execute(STEMS_OF_FIRST).scalar_one()
    for statement in SEARCH_POSTGRESQL:
        op.execute(statement)
    _fold(connection)
    for statement in MADE_POSTGRESQL:
        op.execute(statement.replace("STEMS", stems))


def _fold(connection: sa.Connection) -> None:
    """Write the folded form of each text that is searched, where it is another than what stands there."""
    after = 0
    while rows := connection.execute(MOST, {"id": after, "most": BATCH}).all():
        changed = [
            {"id": row.id, "title_words": title, "body_words": body}
            for row in rows
            if (title := index_form(row.title), body := index_form(row.body)) != (row.title_words, row.body_words)
        ]
        if changed:
            connection.execute(FOLDED, changed)
        after = rows[-1].id
