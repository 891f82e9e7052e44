"""Django's SQLite backend on the library that the pysqlite3 wheel brings."""
