{ head -c 200 testdata/tiny/v5.rdb; printf X; tail -c +202 testdata/tiny/v5.rdb; } >damaged.rdb; rdbmeter report --now 2026-11-20T09:00:00Z damaged.rdb | sed -n 1,12p
