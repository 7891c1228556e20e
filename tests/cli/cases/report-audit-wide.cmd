COLUMNS=140 rdbmeter report testdata/showcase.rdb --info testdata/saved/showcase.info --sections info_memory
