rdbmeter report --now 2026-11-21T00:00:00Z testdata/showcase.rdb >1; rdbmeter report --now 2026-11-21T00:00:00Z - <testdata/showcase.rdb >2; diff 1 2 | head -n 20
