"""What all tests share. Fixtures live beside what they are about; they are named here."""

# databases: SQLite and a PostgreSQL of our own
pytest_plugins = ("tests.databases",)
