rdbmeter report testdata/tiny/types.rdb testdata/healthy.rdb --sections thresholds --sweep hash-max-listpack-entries=100,1000 --format csv --section thresholds.hash | head -4
rdbmeter summarize testdata/tiny/types.rdb -o a.rdbm; rdbmeter report a.rdbm testdata/healthy.rdb --sweep hash-max-listpack-entries=100
