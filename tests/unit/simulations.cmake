rdbmeter_check(json_object collect)
rdbmeter_check(packed_hash model)
