{ printf REDIS0099; tail -c +10 testdata/tiny/empty.rdb; } >future.rdb; rdbmeter report future.rdb
