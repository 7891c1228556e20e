rdbmeter report testdata/showcase.rdb testdata/healthy.rdb -j 2 --top 3 --sections files,totals,slots,shared_keys
