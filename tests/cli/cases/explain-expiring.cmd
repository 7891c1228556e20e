rdbmeter explain testdata/tiny/types.rdb expiring
