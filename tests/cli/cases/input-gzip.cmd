gzip -c testdata/tiny/v5.rdb >v5.gz; rdbmeter verify v5.gz
