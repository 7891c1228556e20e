printf '{\n"max_key_bytes": "100kb",\n"patterns": {"session:*": {"max_no_ttl_share": 0.1,\n"max_growth_bytes": 0}}}' > policy.json
rdbmeter check testdata/showcase.rdb -p policy.json --top 2 --now 2026-11-20T09:00:00Z --format prometheus
