rdbmeter report --tpo 5 testdata/tiny/empty.rdb
