{ head -c 200 testdata/tiny/v5.rdb; printf X; tail -c +202 testdata/tiny/v5.rdb; } >damaged.rdb; rdbmeter report --now 2026-11-21T00:00:00Z damaged.rdb | head -n 12
