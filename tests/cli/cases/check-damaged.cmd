head -c 200000 testdata/showcase.rdb > cut.rdb; rdbmeter check cut.rdb --max-keys 100 --max-key-bytes 10gb --min-keys 1000000 --now 2026-11-20T09:00:00Z | sed -n '1,24p'
