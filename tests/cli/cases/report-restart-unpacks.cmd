rdbmeter report --now 2026-11-20T09:00:00Z --set set-max-intset-entries=3 --sections violations testdata/showcase.rdb | sed -n 3,18p
