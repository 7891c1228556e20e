{ head -c -8 testdata/tiny/v5.rdb; head -c 8 /dev/zero; } >zero.rdb; rdbmeter verify zero.rdb
