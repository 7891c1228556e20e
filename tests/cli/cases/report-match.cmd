rdbmeter report --match 'hash:*' --now 2026-11-20T09:00:00Z testdata/tiny/types.rdb
