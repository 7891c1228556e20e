rdbmeter report --target valkey-9.1 --sections types --now 2026-11-20T09:00:00Z testdata/tiny/types.rdb
