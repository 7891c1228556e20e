rdbmeter check testdata/showcase.rdb --max-no-ttl-share lots
