rdbmeter report --max-memory 8mb testdata/tiny/types.rdb
