cp testdata/tiny/v5.rdb p.rdb; chmod 0 p.rdb; if [ -r p.rdb ]; then echo "rdbmeter: p.rdb: cannot be opened: Permission denied" >&2; exit 4; fi; rdbmeter verify p.rdb
