rdbmeter doctor testdata/showcase.rdb --info testdata/saved/showcase.info
