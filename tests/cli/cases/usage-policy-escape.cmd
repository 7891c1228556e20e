printf '{\n  "max\\u001b[31m_kyes": 3\n}\n' > p.json; rdbmeter check testdata/showcase.rdb -p p.json
