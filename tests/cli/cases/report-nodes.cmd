rdbmeter report --now 2026-11-20T09:00:00Z --sections slots --nodes 0-5460,5461-10922,10923-16383 --top 5 testdata/showcase.rdb
