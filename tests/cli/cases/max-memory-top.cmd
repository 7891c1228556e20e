rdbmeter report --max-memory 16mb --top 1000 --format csv --section types testdata/tiny/types.rdb
