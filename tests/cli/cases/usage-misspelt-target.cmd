rdbmeter report --target redsi-7.2 testdata/tiny/empty.rdb
