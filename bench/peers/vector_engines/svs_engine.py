"""SVS (scalable-vs): a Vamana graph over f16, or over LVQ codes where the library lets the processor have them."""
import os
import shutil
import tempfile

import numpy
import svs


class Engine:
    batches = True

    def __init__(self, order):
        self.order = order
        self.coded = order["kind"] == "lvq"

    def build(self, base, threads):
        if self.coded:
            # the library refuses some processors when the codes are made: before minutes go into a graph
            with tempfile.TemporaryDirectory() as folder:
                self.build_graph(base[:200], threads)
                self.save(f"{folder}/probe")
        self.build_graph(base, threads)

    def build_graph(self, base, threads):
        degree = self.order["degree"]
        parameters = svs.VamanaBuildParameters(
            alpha=1.2, graph_max_degree=degree, prune_to=degree - 4, window_size=self.order["expansionAdd"]
        )
        # the codes are made from f32; f16 is all that the other kind ever sees
        rows = base if self.coded else base.astype(numpy.float16)
        self.index = svs.Vamana.build(parameters, rows, svs.DistanceType.L2, num_threads=threads)

    def save(self, path):
        shutil.rmtree(path, ignore_errors=True)
        os.makedirs(path)
        self.index.save(f"{path}/config", f"{path}/graph", f"{path}/data")
        if self.coded:
            self.open(path)

    def open(self, path):
        kind = svs.DataType.float32 if self.coded else svs.DataType.float16
        data = svs.VectorDataLoader(f"{path}/data", kind, self.order["dimensions"])
        if self.coded:
            data = svs.LVQLoader(data, primary=4, residual=8, padding=32)
        graph = svs.GraphLoader(f"{path}/graph")
        self.index = svs.Vamana(f"{path}/config", graph, data, svs.DistanceType.L2, num_threads=1)

    def widen(self, ef, k, threads):
        self.index.search_window_size = ef
        if self.index.num_threads != threads:
            self.index.num_threads = threads

    def ask(self, queries, k):
        return self.index.search(queries, k)[0]
