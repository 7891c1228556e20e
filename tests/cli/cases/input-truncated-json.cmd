head -c 6000 testdata/tiny/types.rdb >cut.rdb; rdbmeter report --format json --now 2026-11-20T09:00:00Z cut.rdb | grep -A3 partial
