rdbmeter report --now yesterday testdata/tiny/empty.rdb
