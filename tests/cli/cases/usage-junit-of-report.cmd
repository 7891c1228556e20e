rdbmeter report testdata/showcase.rdb --format junit
