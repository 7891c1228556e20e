rdbmeter testdata/tiny/types.rdb --now 2026-11-21T00:00:00Z | head -n 3
