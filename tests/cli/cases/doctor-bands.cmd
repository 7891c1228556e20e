# The ratio as INFO has it, the band, the result of the first check.
for ratio in 0.50 0.99 1.00 1.20 1.21 1.50 1.51 2.00 2.01; do
    sed "s/^mem_fragmentation_ratio:.*/mem_fragmentation_ratio:$ratio/" testdata/saved/showcase.info > edited.info
    echo "$ratio $(rdbmeter report testdata/showcase.rdb --info edited.info --format csv --section fragmentation.facts | sed -n 's/^verdict,//p' | tr -d '\r')" \
        "$(rdbmeter doctor testdata/showcase.rdb --info edited.info --format csv --section checklist.checks | sed -n 's/^1,//p' | cut -d, -f2)"
done
# Without the ratio it is made of its two numbers; without those there is none.
grep -v '^mem_fragmentation_ratio' testdata/saved/showcase.info > edited.info
rdbmeter doctor testdata/showcase.rdb --info edited.info --format csv --section checklist.checks | sed -n 2p
grep -v -e '^mem_fragmentation_ratio' -e '^used_memory' testdata/saved/showcase.info > edited.info
rdbmeter doctor testdata/showcase.rdb --info edited.info --format csv --section checklist.checks | sed -n 2p
