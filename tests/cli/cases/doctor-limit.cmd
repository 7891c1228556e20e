# What redis.conf alone says of the limit, and beside INFO.
check() { rdbmeter doctor testdata/showcase.rdb "$@" --format csv --section checklist.checks | sed -n 's/^9,//p'; }
printf 'port 6379\n' > none.conf
printf 'maxmemory 2gb\nmaxmemory-policy volatile-lru\n' > volatile.conf
check --config none.conf
check --config volatile.conf
check --set maxmemory=1gb --set maxmemory-policy=allkeys-lru
check --set hash-max-listpack-entries=256
rdbmeter doctor testdata/showcase.rdb --config volatile.conf | grep -A3 'cannot be evicted'
rdbmeter doctor testdata/showcase.rdb --config volatile.conf --info testdata/saved/showcase.info | grep -A3 'another limit'
