rdbmeter explain testdata/tiny/types.rdb hash:many-fields
