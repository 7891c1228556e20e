rdbmeter keys --format sqlite testdata/tiny/types.rdb
