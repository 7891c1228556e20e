rdbmeter explain testdata/tiny/types.rdb no-such-key
