{ head -c 200 testdata/tiny/v5.rdb; printf X; tail -c +202 testdata/tiny/v5.rdb; } >damaged.rdb; rdbmeter verify --no-checksum damaged.rdb
