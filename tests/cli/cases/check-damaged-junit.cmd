head -c 200000 testdata/showcase.rdb > cut.rdb; rdbmeter check cut.rdb --max-keys 100 --format junit
