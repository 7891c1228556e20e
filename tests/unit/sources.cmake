rdbmeter_check(source rdbparse rdb_wrap rdb_trickle)
rdbmeter_check(source_damage rdbparse rdb_wrap rdb_trickle)
rdbmeter_check(source_manifest rdbparse rdb_wrap rdb_trickle)
rdbmeter_check(rdb_writer rdbparse rdb_writer)
