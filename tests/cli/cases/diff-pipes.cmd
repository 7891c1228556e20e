rdbmeter diff testdata/healthy.rdb testdata/showcase.rdb > want.txt || exit
for pipe in 'cat' 'gzip -c'; do
    rdbmeter diff <($pipe testdata/healthy.rdb) testdata/showcase.rdb | sed 's,/dev/fd/[0-9]*,testdata/healthy.rdb,' | diff - want.txt && echo "$pipe: the same"
done
