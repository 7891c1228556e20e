rdbmeter doctor testdata/showcase.rdb --info testdata/saved/fragmented.info --malloc-stats testdata/saved/fragmented.malloc-stats | grep -A8 -E '^  (Warning: Frag|Memory was)'
sed -e 's/^active_defrag_running:.*/active_defrag_running:12/' testdata/saved/fragmented.info > running.info
rdbmeter doctor testdata/showcase.rdb --info running.info | grep -A6 -E '^  Warning: Frag'
printf 'activedefrag yes\n' > redis.conf
rdbmeter doctor testdata/showcase.rdb --info testdata/saved/fragmented.info --config redis.conf | grep -A6 -E '^  Warning: Frag'
rdbmeter doctor testdata/showcase.rdb --info testdata/saved/fragmented.info | grep -A6 -E '^  Lines to'
