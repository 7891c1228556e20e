rdbmeter verify testdata/tiny/types.rdb
