rdbmeter diff testdata/healthy.rdb testdata/showcase.rdb --top 4
