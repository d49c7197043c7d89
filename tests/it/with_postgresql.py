"""with_postgresql.py COMMAND...: runs it with a private, empty PostgreSQL in PGHOST, PGUSER and PGDATABASE."""
import os
import subprocess
import sys

from support import Postgres

pg = Postgres()
try:
    pg.fresh_database()
    status = subprocess.run(sys.argv[1:], env=dict(os.environ, PGHOST=pg.dir, PGUSER="palpate", PGDATABASE="palpate",
                                                   PGPORT="5432"), check=False).returncode
finally:
    pg.close()
sys.exit(status)
