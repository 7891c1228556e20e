rdbmeter --now 2026-11-21T00:00:00Z testdata/tiny/types.rdb | head -n 3
