"""DuckDB and numpy for bench/statistics.ts: one table in memory, one question a line, times back; the answer goes into a file.

An exact trimmed mean can be asked of DuckDB in several ways; each is tried once at the start and the fastest answers."""
import json
import sys
import time

import duckdb
import numpy

values_path, groups_path, answer_path, threads, low, high = sys.argv[1:7]
values = numpy.fromfile(values_path, dtype="<f8")
groups = numpy.fromfile(groups_path, dtype="<i4")
database = duckdb.connect(config={"threads": int(threads)})
frame = {"grp": groups, "value": values}
database.execute("create table times as select * from frame")

# the part of each sample's weight between the two shares
part = f"greatest(0, least(rank, {high} * n) - greatest(rank - 1, {low} * n))"
trims = {
    "ranks by window": f"""
        select sum(value * {part}) / sum({part}) "trimmedMean" from (
            select grp, value, row_number() over by_value as rank, count(*) over (partition by grp) as n
            from times window by_value as (partition by grp order by value))
        group by grp order by grp""",
    "sorted lists": f"""
        with sorted as (select grp, list_sort(list(value)) s, count(*)::double n from times group by grp),
        borders as (select *, floor({low} * n)::bigint f, ceil({high} * n)::bigint t from sorted)
        select (coalesce(list_sum(s[f + 2 : t - 1]), 0) + s[f + 1] * (f + 1 - {low} * n) + s[t] * (1 - (t - {high} * n)))
            / (({high} - {low}) * n) "trimmedMean"
        from borders order by grp""",
    "quantiles, then a filter": f"""
        with borders as (select grp, count(*)::double n, quantile_disc(value, [{low}, {high}]) q from times group by grp)
        select (sum(value) filter (value > q[1] and value < q[2])
                + q[1] * greatest(0, count(*) filter (value <= q[1]) - {low} * n)
                + q[2] * ({high} * n - count(*) filter (value < q[2]))) / (({high} - {low}) * n) "trimmedMean"
        from times join borders using (grp) group by grp, n, q order by grp""",
}


def fetch(query):
    return database.execute(query).fetchnumpy()


def seconds(query):
    start = time.perf_counter()
    fetch(query)
    return time.perf_counter() - start


trim = min(trims, key=lambda name: seconds(trims[name]))
questions = {
    "sum": "select sum(value) sum from times group by grp order by grp",
    "moments": "select count(*)::double n, avg(value) mean, stddev_pop(value) sd from times group by grp order by grp",
    "trim": trims[trim],
    "summary": """
        select count(*)::double n, avg(value) mean, stddev_pop(value) sd, min(value) min, max(value) max,
               quantile_cont(value, [0.10, 0.25, 0.50, 0.75, 0.90]) q
        from times group by grp order by grp""",
}
print(json.dumps({"trim": trim, "numpy": numpy.__version__}), flush=True)
for line in sys.stdin:
    question = line.strip()
    cpu, start = time.process_time(), time.perf_counter()
    result = {"total": numpy.array([values.sum()])} if question == "numpy" else fetch(questions[question])
    times = {"wallMs": (time.perf_counter() - start) * 1e3, "cpuMs": (time.process_time() - cpu) * 1e3}
    quantiles = result.pop("q", None)
    columns = {name: numpy.asarray(column, dtype="<f8") for name, column in result.items()}
    if quantiles is not None:
        columns |= dict(zip(["p10", "p25", "p50", "p75", "p90"], numpy.array([list(row) for row in quantiles], dtype="<f8").T))
    numpy.concatenate(list(columns.values())).tofile(answer_path)
    print(json.dumps({"names": list(columns), **times}), flush=True)
