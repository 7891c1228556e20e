printf '{"max_growth_share": 0.1, "patterns": {"h*": {"max_growth_bytes": 0}}}' > policy.json
rdbmeter check testdata/showcase.rdb -p policy.json -o old.json
sed -i 's/"dataset_bytes":.*/"dataset_bytes": 1000000,/' old.json
rdbmeter check testdata/showcase.rdb -p policy.json -b old.json | sed -n '3,20p'
