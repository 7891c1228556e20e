rdbmeter report --target redis-77 testdata/tiny/empty.rdb
