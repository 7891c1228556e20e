rdbmeter check testdata/tiny/types.rdb --max-violations 0 --target redis-7.2 --now 2026-11-20T09:00:00Z | sed -n '3,14p'
