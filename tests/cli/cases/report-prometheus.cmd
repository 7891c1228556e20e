rdbmeter report testdata/tiny/types.rdb --format prometheus --now 2026-11-20T09:00:00Z
