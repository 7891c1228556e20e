rdbmeter report testdata/tiny/empty.rdb --top
