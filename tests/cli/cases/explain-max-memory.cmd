rdbmeter explain --max-memory 16mb testdata/tiny/types.rdb expiring
