rdbmeter --now 2026-11-20T09:00:00Z testdata/tiny/types.rdb | sed -n 1,9p
