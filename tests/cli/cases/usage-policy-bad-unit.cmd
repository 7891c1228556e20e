printf '{\n\n  "max_key_bytes": "3 lightyears"\n}\n' > p.json; rdbmeter check testdata/showcase.rdb -p p.json
