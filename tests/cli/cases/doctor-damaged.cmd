head -c 1000000 testdata/showcase.rdb > cut.rdb
rdbmeter doctor cut.rdb | grep -A3 Critical
