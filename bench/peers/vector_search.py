"""hnswlib and faiss for bench/search.ts: builds one index, then answers passes, a JSON line each way."""
import json
import sys
import time

import numpy

engine, base_path, queries_path, dimensions, connectivity, expansion_add, threads = sys.argv[1:8]
dimensions = int(dimensions)
base = numpy.fromfile(base_path, dtype="<f4").reshape(-1, dimensions)
queries = numpy.fromfile(queries_path, dtype="<f4").reshape(-1, dimensions)

start = time.perf_counter()
if engine == "hnswlib":
    import hnswlib

    index = hnswlib.Index(space="ip", dim=dimensions)
    index.init_index(max_elements=len(base), M=int(connectivity), ef_construction=int(expansion_add), random_seed=1)
    index.add_items(base, num_threads=int(threads))
    index.set_num_threads(1)

    def widen(ef):
        index.set_ef(ef)

    def ask(query, k):
        return index.knn_query(query, k=k)[0][0]

else:
    import faiss

    faiss.omp_set_num_threads(int(threads))
    index = faiss.IndexHNSWFlat(dimensions, int(connectivity), faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = int(expansion_add)
    index.add(base)
    faiss.omp_set_num_threads(1)

    def widen(ef):
        index.hnsw.efSearch = ef

    def ask(query, k):
        return index.search(query, k)[1][0]


print(json.dumps({"buildSeconds": time.perf_counter() - start}), flush=True)
for line in sys.stdin:
    order = json.loads(line)
    widen(max(order["ef"], order["k"]))
    keys, micros = [], []
    cpu = time.process_time()
    for row in range(len(queries)):
        query = queries[row : row + 1]
        before = time.perf_counter()
        found = ask(query, order["k"])
        micros.append((time.perf_counter() - before) * 1e6)
        keys.extend(int(key) for key in found)
    print(json.dumps({"keys": keys, "micros": micros, "cpuMicros": (time.process_time() - cpu) * 1e6}), flush=True)
