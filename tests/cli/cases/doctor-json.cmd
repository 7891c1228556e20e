rdbmeter doctor testdata/showcase.rdb --info testdata/saved/fragmented.info --format json
