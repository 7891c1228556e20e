rdbmeter report --now 2026-11-20T09:00:00Z testdata/showcase.rdb >1; rdbmeter report --now 2026-11-21T00:00:00Z - <testdata/showcase.rdb >2; diff 1 2 | sed -n 1,20p
