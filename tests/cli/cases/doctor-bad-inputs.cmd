try() { rdbmeter doctor testdata/healthy.rdb "$@"; echo "exit $?"; }
printf 'hello\nworld\n' > words
printf 'Stats not supported for the current allocator\n' > libc
try --info words
try --info nowhere
try --info .
try --info /dev/zero
try --malloc-stats libc
try --malloc-stats testdata/saved/healthy.info
try --config nowhere
try --info testdata/saved/healthy.info --info
rdbmeter report testdata/healthy.rdb testdata/showcase.rdb --info testdata/saved/healthy.info; echo "exit $?"
