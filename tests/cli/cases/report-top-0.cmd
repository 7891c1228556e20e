rdbmeter report --top 0 --now 2026-11-20T09:00:00Z testdata/tiny/types.rdb
