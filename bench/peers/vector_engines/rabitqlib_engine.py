"""rabitqlib: SymphonyQG, and its HNSW over RaBitQ codes. L2 of vectors of norm 1: with inner product its recall collapses."""
import rabitqlib


class Engine:
    batches = True

    def __init__(self, order):
        self.order = order
        self.graph = order["kind"] == "symqg"

    def build(self, base, threads):
        dimensions, ef = self.order["dimensions"], self.order["expansionAdd"]
        if self.graph:
            self.index = rabitqlib.SymqgIndex(dimensions, self.order["degree"], "l2", self.order["bits"])
            self.index.build(base, ef, threads)
            return
        clusters = rabitqlib.RaBitQKMeans(dimensions, 16)
        clusters.train(base)
        m = self.order["connectivity"]
        self.index = rabitqlib.HnswIndex(dimensions, len(base), m, ef, self.order["bits"], "l2")
        self.index.build(base, clusters.centroids, clusters.assignments, threads)

    def save(self, path):
        self.index.save(path)

    def open(self, path):
        self.index = (rabitqlib.SymqgIndex if self.graph else rabitqlib.HnswIndex).load(path)

    def widen(self, ef, k, threads):
        self.ef, self.threads = ef, threads

    def ask(self, queries, k):
        return self.index.search(queries, k, self.ef, self.threads)[0]
