{ head -c 11 testdata/tiny/v1.rdb; printf "\x63\x01k\x01v\xff"; } >odd.rdb; rdbmeter verify odd.rdb
