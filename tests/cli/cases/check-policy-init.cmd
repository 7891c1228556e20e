rdbmeter policy --init testdata/showcase.rdb -o policy.json && sed -n '1,12p;$p' policy.json && rdbmeter check testdata/showcase.rdb --policy policy.json --now 2026-11-20T09:00:00Z | sed -n '3,9p'
