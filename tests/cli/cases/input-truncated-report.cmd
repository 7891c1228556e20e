head -c 6000 testdata/tiny/types.rdb >cut.rdb; rdbmeter report cut.rdb --now 2026-11-20T09:00:00Z
