rdbmeter trend testdata/showcase.rdb testdata/healthy.rdb --maxmemory 1gb --top 3
