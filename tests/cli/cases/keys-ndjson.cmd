rdbmeter keys --format ndjson testdata/tiny/names.rdb
