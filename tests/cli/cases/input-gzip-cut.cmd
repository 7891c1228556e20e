gzip -nc testdata/tiny/v5.rdb | head -c 150 >v5.gz; rdbmeter verify v5.gz
