"""VSAG's HGraph over 8-bit codes that f32 re-ranks; it takes one query a call."""
import json

import numpy
import pyvsag


class Engine:
    batches = False

    def __init__(self, order):
        self.order = order
        parameters = {
            "dtype": "float32",
            "metric_type": "l2",
            "dim": order["dimensions"],
            "index_param": {
                "base_quantization_type": "sq8_uniform",
                "precise_quantization_type": "fp32",
                "use_reorder": True,
                "max_degree": order["degree"],
                "ef_construction": order["expansionAdd"],
                "build_thread_count": order["threads"],
            },
        }
        self.index = pyvsag.Index("hgraph", json.dumps(parameters))

    def build(self, base, threads):
        keys = numpy.arange(len(base), dtype=numpy.int64)
        self.index.build(vectors=base, ids=keys, num_elements=len(base), dim=self.order["dimensions"])

    def save(self, path):
        self.index.save(path)

    def open(self, path):
        self.index.load(path)

    def widen(self, ef, k, threads):
        self.parameters = json.dumps({"hgraph": {"ef_search": ef}})

    def ask(self, queries, k):
        return [self.index.knn_search(queries[0], k, self.parameters)[0]]
