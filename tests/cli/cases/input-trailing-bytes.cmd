{ cat testdata/tiny/v5.rdb; printf "left over"; } >more.rdb; rdbmeter verify more.rdb
