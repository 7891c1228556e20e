rdbmeter report testdata/accuracy/valkey-9.0.rdb --sections ttl --top 3
rdbmeter report testdata/accuracy/redis-7.4.rdb --sections ttl --top 0 | head -12
