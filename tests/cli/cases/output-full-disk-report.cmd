rdbmeter report testdata/tiny/types.rdb >/dev/full
