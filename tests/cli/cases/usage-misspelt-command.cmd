rdbmeter verfy testdata/tiny/empty.rdb
