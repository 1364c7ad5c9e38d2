"""DuckDB for bench/statistics.ts: one table in memory, one query a line, times back; the summary goes into a file."""
import json
import sys
import time

import duckdb
import numpy

values_path, groups_path, summary_path, threads = sys.argv[1:5]
values = numpy.fromfile(values_path, dtype="<f8")
groups = numpy.fromfile(groups_path, dtype="<i4")
database = duckdb.connect(config={"threads": int(threads)})
frame = {"grp": groups, "value": values}
database.execute("create table times as select * from frame")
query = """
    select count(*)::double n, avg(value) mean, stddev_pop(value) sd, min(value) min, max(value) max,
           quantile_cont(value, [0.10, 0.25, 0.50, 0.75, 0.90]) q
    from times group by grp order by grp
"""
print("ready", flush=True)
for _ in sys.stdin:
    cpu, start = time.process_time(), time.perf_counter()
    result = database.execute(query).fetchnumpy()
    times = {"wallMs": (time.perf_counter() - start) * 1e3, "cpuMs": (time.process_time() - cpu) * 1e3}
    columns = [numpy.asarray(result[name], dtype="<f8") for name in ["n", "mean", "sd", "min", "max"]]
    columns += list(numpy.array([list(row) for row in result["q"]], dtype="<f8").T)
    numpy.concatenate(columns).tofile(summary_path)
    print(json.dumps(times), flush=True)
