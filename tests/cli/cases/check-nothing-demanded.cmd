rdbmeter check testdata/tiny/types.rdb --now 2026-11-20T09:00:00Z | sed -n '1,12p'
