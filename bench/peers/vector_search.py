"""One engine of bench/search.ts that is called from Python, in a process of its own; a JSON line each way.

    vector_search.py build|serve LIBRARY INPUT   (INPUT: JSON, see bench/search/engine-process.ts)
"""
import base64
import importlib
import json
import os
import sys
import time

import numpy

# libraries print to standard output what they think of themselves; the answers go another way
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

task, library, text = sys.argv[1:4]
order = json.loads(text)


def say(answer):
    print(json.dumps(answer), file=answers, flush=True)


def memory():
    """Resident bytes of this process, mapped files included, and what only it has."""
    with open("/proc/self/smaps_rollup") as lines:
        kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.endswith("kB\n")}
    return {"resident": kilobytes["Rss"] * 1024, "anonymous": kilobytes["Anonymous"] * 1024}


def peak():
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def packed(values, kind):
    return base64.b64encode(numpy.ascontiguousarray(values, dtype=kind).tobytes()).decode()


def rows(path):
    return numpy.fromfile(path, dtype="<f4").reshape(-1, order["dimensions"])


engine = importlib.import_module(f"vector_engines.{library}_engine").Engine(order)
if task == "build":
    base = rows(order["basePath"])
    before = time.perf_counter()
    engine.build(base, order["threads"])
    say({"buildSeconds": time.perf_counter() - before, "cpuSeconds": time.process_time(), "peakBytes": peak()})
    engine.save(order["path"])
    say({"saved": True})
    sys.exit(0)

queries = rows(order["queriesPath"])
empty = memory()
before = time.perf_counter()
engine.open(order["path"])
say({"openSeconds": time.perf_counter() - before, "empty": empty, "opened": memory(), "batches": engine.batches})
for line in sys.stdin:
    asked = json.loads(line)
    k = asked["k"]
    # what an engine finds too little of stays a key that no vector has
    keys = numpy.full((len(queries), k), 0xFFFFFFFF, dtype="<u4")
    micros = numpy.zeros(len(queries))
    engine.widen(max(asked["ef"], k), k, asked["threads"])
    if "allowed" in asked:
        engine.allow(numpy.fromfile(asked["allowed"], dtype="u1"))
    wall, processor = time.perf_counter(), time.process_time()
    if asked["way"] == "batch":
        found = engine.ask(queries, k)
    else:
        found = []
        for row in range(len(queries)):
            query = queries[row : row + 1]
            start = time.perf_counter()
            found.append(engine.ask(query, k)[0])
            micros[row] = time.perf_counter() - start
    processor, wall = time.process_time() - processor, time.perf_counter() - wall
    for row, of_query in enumerate(found):
        kept = numpy.asarray(of_query)[:k]
        keys[row, : len(kept)] = kept
    say(
        {
            "keys": packed(keys, "<u4"),
            "micros": packed(micros * 1e6, "<f8") if asked["way"] == "single" else None,
            "cpuMicros": processor * 1e6,
            "wallMicros": wall * 1e6,
            "memory": memory(),
        }
    )
