rdbmeter report --target redis-4.0 --sections totals,types --now 2026-11-20T09:00:00Z testdata/tiny/types.rdb
