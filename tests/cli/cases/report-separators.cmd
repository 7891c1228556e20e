rdbmeter report --now 2026-11-20T09:00:00Z --sections groups --separators ':-' --depth 2 testdata/showcase.rdb
