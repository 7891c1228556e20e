rdbmeter report testdata/healthy.rdb lost.rdb --sections files
