echo '{}' > old.json; rdbmeter check testdata/showcase.rdb -b old.json
