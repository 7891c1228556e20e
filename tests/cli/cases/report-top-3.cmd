rdbmeter report --top 3 --sections top_keys --now 2026-11-20T09:00:00Z testdata/tiny/types.rdb
