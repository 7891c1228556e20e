rdbmeter verify testdata/tiny/v1.rdb
