rdbmeter check testdata/showcase.rdb --forbid-encodings hash/hashtabel
