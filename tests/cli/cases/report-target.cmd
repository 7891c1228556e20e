rdbmeter report --target valkey-9.1 --sections types --now 2026-11-21T00:00:00Z testdata/tiny/types.rdb
