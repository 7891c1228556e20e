printf '{\n  "max_keys": 3\n\n' > p.json; rdbmeter check testdata/showcase.rdb -p p.json
