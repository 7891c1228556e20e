rdbmeter report --now 2026-11-21T00:00:00Z testdata/tiny/v1.rdb
