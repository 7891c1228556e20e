rdbmeter keys --max-memory 24mb testdata/tiny/v5.rdb
