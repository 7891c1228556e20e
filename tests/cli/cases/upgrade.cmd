rdbmeter upgrade testdata/tiny/types.rdb
